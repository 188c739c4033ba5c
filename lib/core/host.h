/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/host.h - served by a loop that is not ours.
 */
#ifndef LWS_CORE_HOST_H
#define LWS_CORE_HOST_H

struct lws_context_creation_info;
struct lws_event_ops;
struct lws_host_ops;
struct lws_loop;

/* the backend that has what a host can watch: one descriptor for all of ours */
#define LWS_HOST_BACKEND "epoll"

/*
 * The backend that @info asks for, and in *@host what serves us, NULL: nobody
 * else.  NULL after a line of log when it cannot be had.
 */
const struct lws_event_ops *
lws_host_choose(const struct lws_context_creation_info *info,
		const struct lws_host_ops **host);

/*
 * Have @theirs, a loop such as @ops speaks to, serve @loop, whose backend is
 * LWS_HOST_BACKEND; 0, or what ops->open() said after a line of log.
 */
int lws_host_open(struct lws_loop *loop, const struct lws_host_ops *ops,
		  void *theirs);

/* Harmless when nobody serves it. */
void lws_host_close(struct lws_loop *loop);

/* A turn ends: who waits elsewhere learns when to come back. */
void lws_host_leave(struct lws_loop *loop);

#endif
