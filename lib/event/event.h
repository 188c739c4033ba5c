/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * event/event.h - who is ready.
 *
 * poll() is the contract: wanted and ready events are POLLIN, POLLOUT,
 * POLLERR and POLLHUP, level triggered, and errors and hang-ups are reported
 * even when nothing is wanted.  Backends translate to and from that.
 */
#ifndef LWS_EVENT_EVENT_H
#define LWS_EVENT_EVENT_H

#include <stddef.h>
#include <stdint.h>

/* for set(): this descriptor is not, or no longer, to be watched */
#define LWS_EV_ABSENT ((short)-1)

struct lws_ready {
	int fd;
	short revents;
};

struct lws_events {
	const struct lws_event_ops *ops;
	void *set;	/* the backend's */
	int fd;		/* the backend's */
	unsigned count;	/* the backend's */
};

struct lws_event_ops {
	const char *name;

	/* @max_fds is a hint, not a promise; allocate as descriptors come */
	int (*init)(struct lws_events *ev, unsigned max_fds);

	/*
	 * Watching @fd changes from @was to @want, each POLLIN|POLLOUT bits or
	 * LWS_EV_ABSENT.  *@slot is the backend's note about this descriptor:
	 * it stays at that address from the first set to the last, and a
	 * backend may rewrite it at any time between.
	 * 0 or LWS_ERR_NOMEM, LWS_ERR_IO; going ABSENT always succeeds.
	 */
	int (*set)(struct lws_events *ev, int fd, uint32_t *slot, short was,
		   short want);

	/*
	 * Wait at most @timeout_ms (-1: for ever, 0: not at all); the number
	 * of entries filled in @out, 0 also when a signal interrupted, or
	 * LWS_ERR_IO.  When more than @max are ready the next call goes on
	 * with the others, so nobody starves.
	 */
	int (*wait)(struct lws_events *ev, int timeout_ms,
		    struct lws_ready *out, int max);

	void (*fini)(struct lws_events *ev);
};

extern const struct lws_event_ops lws_event_poll;
extern const struct lws_event_ops lws_event_epoll;
extern const struct lws_event_ops lws_event_external;

/* what this build has, best first, NULL at the end */
extern const struct lws_event_ops *const lws_event_backends[];

/* the one called @name, the best when @name is NULL, NULL when unknown */
const struct lws_event_ops *lws_event_find(const char *name);

#endif
