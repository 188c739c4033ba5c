/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/fds.h - which connection a descriptor belongs to.
 *
 * Two levels: leaves of 1024 pointers that appear with the first descriptor of
 * their range and never move, so an unlimited descriptor limit costs nothing.
 * All threads use one table without a lock: leaves are hung up by compare and
 * exchange, and an entry is written only by who has the descriptor.
 */
#ifndef LWS_CORE_FDS_H
#define LWS_CORE_FDS_H

#include <stddef.h>

struct libwebsocket;

#define LWS_FDS_LEAF 1024u

struct lws_fds {
	void **leaf;	/* arrays of struct libwebsocket * */
	unsigned leaves;
};

/* Room for descriptors below @max; 0 or LWS_ERR_NOMEM. */
int lws_fds_init(struct lws_fds *fds, unsigned max);
void lws_fds_fini(struct lws_fds *fds);

/*
 * What hangs at @at from now on, zeroed and of @size bytes where nothing did;
 * another thread's may be first.  NULL: out of memory.
 */
void *lws_leaf_need(void **at, size_t size);

/* Free @root, which may be NULL, and the @n leaves that hang there. */
void lws_leaves_free(void **root, unsigned n);

/* 0; LWS_ERR_NOFD when @fd is beyond the table, LWS_ERR_NOMEM */
int lws_fds_put(struct lws_fds *fds, int fd, struct libwebsocket *wsi);
void lws_fds_remove(struct lws_fds *fds, int fd);

/* NULL for a descriptor that is not ours */
static inline struct libwebsocket *
lws_fds_get(const struct lws_fds *fds, int fd)
{
	const unsigned n = (unsigned)fd / LWS_FDS_LEAF;
	struct libwebsocket **leaf;

	if (n >= fds->leaves)
		return NULL;
	leaf = __atomic_load_n(&fds->leaf[n], __ATOMIC_ACQUIRE);
	if (!leaf)
		return NULL;
	return __atomic_load_n(&leaf[(unsigned)fd % LWS_FDS_LEAF],
			       __ATOMIC_RELAXED);
}

#endif
