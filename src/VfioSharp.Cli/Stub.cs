namespace VfioSharp.Supervisor { 
internal sealed class RunOptions { public TextWriter? Explain { get; init; } }
internal sealed class SupervisorException : Exception { public string Cause=""; public string Remedy=""; }
internal static class ProgramSupervisor { public static int Run(Host.SoftwareHost h, IReadOnlyList<string> c, RunOptions o) => 0; } }
