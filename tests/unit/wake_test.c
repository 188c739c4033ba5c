/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of the wake-up this build has: plat/unix/wake-eventfd.c on Linux. */
#include "unit/wake_contract.h"

int
main(void)
{
	return run_wake_contract();
}
