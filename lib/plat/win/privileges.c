/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/privileges.c - there is no root to cease to be.
 */
#include "plat/plat.h"

int
lws_plat_drop_privileges(int uid, int gid)
{
	(void)uid;
	(void)gid;
	return 0;
}
