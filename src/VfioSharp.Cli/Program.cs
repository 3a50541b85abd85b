// SPDX-License-Identifier: MIT
using VfioSharp.Cli.Commands;

return VfioTool.Run(args, Console.Out, Console.Error);
