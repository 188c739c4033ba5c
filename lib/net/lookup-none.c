/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * net/lookup-none.c - a build without the client looks no names up.
 */
#include "net/net.h"

void
lws_lookups_free(struct lws_lookups *all)
{
	(void)all;
}

void
lws_lookups_collect(struct lws_lookups *all)
{
	(void)all;
}

bool
lws_lookups_busy(struct lws_lookups *all)
{
	(void)all;
	return false;
}
