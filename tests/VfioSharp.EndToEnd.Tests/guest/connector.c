// SPDX-License-Identifier: MIT
/*
 * A slot that devices are plugged into while a POWER guest runs has a connector, which the guest isolates and takes out
 * of isolation by firmware calls. PowerVM's tools do that (drmgr); here "connector.isolation" does: write "INDEX STATE",
 * 0 to isolate.
 */
#include <linux/module.h>
#include <asm/rtas.h>

#define ISOLATION_STATE 9001

static int isolation_set(const char *text, const struct kernel_param *param)
{
	u32 index, state;
	int ret;

	if (sscanf(text, "%x %u", &index, &state) != 2)
		return -EINVAL;
	ret = rtas_set_indicator(ISOLATION_STATE, index, state);
	return ret < 0 ? ret : 0;
}

static const struct kernel_param_ops isolation_ops = { .set = isolation_set };
module_param_cb(isolation, &isolation_ops, NULL, 0200);
MODULE_PARM_DESC(isolation, "INDEX STATE: a connector's isolation is set");

MODULE_DESCRIPTION("Connectors of slots, for tests");
MODULE_LICENSE("Dual MIT/GPL");
