/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/ipv6.c - this build speaks IPv6 where the host does.
 */
#include "plat/plat.h"

bool
lws_plat_has_ipv6(void)
{
	return true;
}
