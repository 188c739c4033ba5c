/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/fds.h - which connection a descriptor belongs to.
 *
 * Two levels: leaves of 1024 pointers that appear with the first descriptor of
 * their range and never move, so an unlimited descriptor limit costs nothing.
 */
#ifndef LWS_CORE_FDS_H
#define LWS_CORE_FDS_H

#include <stddef.h>

struct libwebsocket;

#define LWS_FDS_LEAF 1024u

struct lws_fds {
	struct libwebsocket ***leaf;
	unsigned leaves;
};

/* Room for descriptors below @max; 0 or LWS_ERR_NOMEM. */
int lws_fds_init(struct lws_fds *fds, unsigned max);
void lws_fds_fini(struct lws_fds *fds);

/* 0; LWS_ERR_NOFD when @fd is beyond the table, LWS_ERR_NOMEM */
int lws_fds_put(struct lws_fds *fds, int fd, struct libwebsocket *wsi);
void lws_fds_remove(struct lws_fds *fds, int fd);

/* NULL for a descriptor that is not ours */
static inline struct libwebsocket *
lws_fds_get(const struct lws_fds *fds, int fd)
{
	unsigned n = (unsigned)fd / LWS_FDS_LEAF;

	if (n >= fds->leaves || !fds->leaf[n])
		return NULL;
	return fds->leaf[n][(unsigned)fd % LWS_FDS_LEAF];
}

#endif
