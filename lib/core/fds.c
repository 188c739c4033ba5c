/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/fds.c - which connection a descriptor belongs to.
 */
#include "core/fds.h"

#include "base/alloc.h"
#include "base/err.h"

/* more leaves than this (four million descriptors) are not planned for */
#define MOST_LEAVES 4096u

int
lws_fds_init(struct lws_fds *fds, unsigned max)
{
	unsigned leaves = max / LWS_FDS_LEAF + (max % LWS_FDS_LEAF != 0);

	if (leaves > MOST_LEAVES)
		leaves = MOST_LEAVES;
	fds->leaf = lws_zalloc(leaves * sizeof(*fds->leaf));
	fds->leaves = fds->leaf ? leaves : 0;
	return fds->leaf ? 0 : LWS_ERR_NOMEM;
}

void
lws_fds_fini(struct lws_fds *fds)
{
	unsigned n;

	for (n = 0; n < fds->leaves; n++)
		lws_free(fds->leaf[n]);
	lws_free(fds->leaf);
	fds->leaf = NULL;
	fds->leaves = 0;
}

int
lws_fds_put(struct lws_fds *fds, int fd, struct libwebsocket *wsi)
{
	unsigned n = (unsigned)fd / LWS_FDS_LEAF;

	if (fd < 0 || n >= fds->leaves)
		return LWS_ERR_NOFD;
	if (!fds->leaf[n])
		fds->leaf[n] = lws_zalloc(LWS_FDS_LEAF * sizeof(wsi));
	if (!fds->leaf[n])
		return LWS_ERR_NOMEM;
	fds->leaf[n][(unsigned)fd % LWS_FDS_LEAF] = wsi;
	return 0;
}

void
lws_fds_remove(struct lws_fds *fds, int fd)
{
	unsigned n = (unsigned)fd / LWS_FDS_LEAF;

	if (n < fds->leaves && fds->leaf[n])
		fds->leaf[n][(unsigned)fd % LWS_FDS_LEAF] = NULL;
}
