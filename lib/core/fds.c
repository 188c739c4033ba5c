/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/fds.c - which connection a descriptor belongs to.
 */
#include "core/fds.h"

#include <stdbool.h>

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
lws_leaves_free(void **root, unsigned n)
{
	while (root && n)
		lws_free(root[--n]);
	lws_free(root);
}

void
lws_fds_fini(struct lws_fds *fds)
{
	lws_leaves_free(fds->leaf, fds->leaves);
	fds->leaf = NULL;
	fds->leaves = 0;
}

void *
lws_leaf_need(void **at, size_t size)
{
	void *there = __atomic_load_n(at, __ATOMIC_ACQUIRE), *mine;

	if (there)
		return there;
	mine = lws_zalloc(size);
	if (!mine || __atomic_compare_exchange_n(at, &there, mine, false,
						 __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE))
		return mine;
	lws_free(mine);
	return there;
}

int
lws_fds_put(struct lws_fds *fds, int fd, struct libwebsocket *wsi)
{
	const unsigned n = (unsigned)fd / LWS_FDS_LEAF;
	struct libwebsocket **leaf;

	if (fd < 0 || n >= fds->leaves)
		return LWS_ERR_NOFD;
	leaf = lws_leaf_need(&fds->leaf[n], LWS_FDS_LEAF * sizeof(*leaf));
	if (!leaf)
		return LWS_ERR_NOMEM;
	__atomic_store_n(&leaf[(unsigned)fd % LWS_FDS_LEAF], wsi,
			 __ATOMIC_RELAXED);
	return 0;
}

void
lws_fds_remove(struct lws_fds *fds, int fd)
{
	const unsigned n = (unsigned)fd / LWS_FDS_LEAF;
	struct libwebsocket **leaf = NULL;

	if (n < fds->leaves)
		leaf = __atomic_load_n(&fds->leaf[n], __ATOMIC_ACQUIRE);
	if (leaf)
		__atomic_store_n(&leaf[(unsigned)fd % LWS_FDS_LEAF], NULL,
				 __ATOMIC_RELAXED);
}
