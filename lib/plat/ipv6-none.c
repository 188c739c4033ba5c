/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/ipv6-none.c - --disable-ipv6: IPv4 alone.
 */
#include "plat/plat.h"

bool
lws_plat_has_ipv6(void)
{
	return false;
}
