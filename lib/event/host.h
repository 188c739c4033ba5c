/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * event/host.h - a loop that is not ours and looks after ours.
 *
 * It watches one descriptor, that of the kernel's set with all of ours in it,
 * and keeps one timer.  When either is due the library has a turn that does
 * not wait.  So the other loop sees one watcher however many connections there
 * are, what is ready is still served in one go, and an adapter is a small file.
 */
#ifndef LWS_EVENT_HOST_H
#define LWS_EVENT_HOST_H

#include <stdbool.h>

struct lws_host {
	const struct lws_host_ops *ops;	/* NULL: nobody, the rest is void */
	void *theirs;			/* the loop, or NULL for the default */
	void *state;			/* the adapter's */
	void (*turn)(struct lws_host *host);
};

struct lws_host_ops {
	const char *name;

	/* there is no default loop: host->theirs is never NULL in open() */
	bool needs_loop;

	/*
	 * Call host->turn() whenever @fd is readable, from the loop and from
	 * nowhere else; 0, LWS_ERR_NOMEM or LWS_ERR_IO.
	 */
	int (*open)(struct lws_host *host, int fd);

	/*
	 * Call it once in @ms as well, or rather sooner than later; 0: when the
	 * loop goes round the next time, -1: no more.  Replaces what was set.
	 */
	void (*arm)(struct lws_host *host, int ms);

	/*
	 * The loop knows nothing of us any more when this returns, and the
	 * descriptor may be closed.  turn() may be what calls it.
	 */
	void (*close)(struct lws_host *host);
};

extern const struct lws_host_ops lws_host_glib;
extern const struct lws_host_ops lws_host_libev;
extern const struct lws_host_ops lws_host_libevent;
extern const struct lws_host_ops lws_host_libuv;

/* what this build has, NULL at the end; configure writes the list */
extern const struct lws_host_ops *const lws_hosts[];

/* the one called @name, NULL when it is unknown or @name is NULL */
const struct lws_host_ops *lws_host_find(const char *name);

#endif
