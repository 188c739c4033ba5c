/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/ipv6.c - this build speaks IPv6 where the system does.
 */
#include "plat/plat.h"

bool
lws_plat_ipv6(void)
{
	return true;
}
