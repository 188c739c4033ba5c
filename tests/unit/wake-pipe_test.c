/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of plat/unix/wake-pipe.c, on systems that have something better too:
 * the source is compiled in here, under names of its own.
 */
#define lws_plat_wake_open  pipe_wake_open
#define lws_plat_wake	    pipe_wake
#define lws_plat_wake_drain pipe_wake_drain
#define lws_plat_wake_close pipe_wake_close

#include "plat/unix/wake-pipe.c"

#include "unit/wake_contract.h"

int
main(void)
{
	return run_wake_contract();
}
