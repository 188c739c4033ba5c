/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/ipv6-none.c - this build speaks IPv4 alone (--disable-ipv6).
 */
#include "plat/plat.h"

bool
lws_plat_ipv6(void)
{
	return false;
}
