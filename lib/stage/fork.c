/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/fork.c - libwebsockets_fork_service_loop(): the service goes on in a
 * child, the application in the process it always was.
 *
 * After the fork both have all of the memory, and share the sockets and, worse,
 * the set of an epoll.  The child keeps the connections and makes whatever must
 * not be shared anew: set, wake-up, random bytes.  Only when it says that it
 * has succeeded does the parent forget them, without a word to the peers.
 */
#include "stage/fork.h"

#include <poll.h>

#include "base/alloc.h"
#include "core/context.h"
#include "core/handle.h"
#include "core/watch.h"
#include "net/net.h"
#include "stage/client.h"
#include "tls/tls.h"

/* ---- the child ---- */

/* Under the old numbers, which an application may have been told. */
static int
fresh_wake(struct lws_mailbox *m)
{
	struct lws_wake *wake = &m->wake, fresh;
	int rc = lws_plat_wake_open(&fresh);
	bool one;

	if (rc < 0)
		return rc;
	one = fresh.read_fd == fresh.write_fd;
	wake->read_fd = lws_plat_renumber(fresh.read_fd, wake->read_fd);
	wake->write_fd = one ? wake->read_fd
			     : lws_plat_renumber(fresh.write_fd,
						 wake->write_fd);
	return 0;
}

static int
watch_all(struct lws_loop *loop)
{
	const struct lws_fds *fds = &loop->context->fds;
	int n, rc = 0;

	for (n = 0; rc >= 0 && (unsigned)n / LWS_FDS_LEAF < fds->leaves; n++) {
		struct libwebsocket *wsi = lws_fds_get(fds, n);

		if (wsi)
			rc = lws_watch_again(wsi);
	}
	return rc;
}

/* A set of our own.  What the old one had is not touched, only let go. */
static int
fresh_set(struct lws_loop *loop)
{
	struct lws_events old = loop->events;
	int rc = old.ops->init(&loop->events, lws_plat_max_fds());

	if (rc < 0)
		return rc;
	old.ops->fini(&old);
	rc = loop->events.ops->set(&loop->events, loop->mailbox.wake.read_fd,
				   &loop->wake_slot, LWS_EV_ABSENT, POLLIN);
	return rc < 0 ? rc : watch_all(loop);
}

static int
settle_in(struct libwebsocket_context *context)
{
	struct lws_loop *loop = context->loops;
	int rc = fresh_wake(&loop->mailbox);

	loop->random_left = 0;
	if (rc >= 0)
		rc = fresh_set(loop);
	return rc < 0 ? rc : lws_broadcast_listen(context);
}

/* Does not return. */
static void
serve(struct libwebsocket_context *context)
{
	struct lws_kin *kin = context->kin;
	int rc = settle_in(context);

	if (rc < 0) {
		lwsl_err("fork: the child cannot serve: %s\n",
			 lws_err_name(rc));
		lws_plat_leave(1);
	}
	lws_plat_kin_follow(kin, &context->loops->mailbox.wake);
	lws_plat_kin_ready(kin);
	while (rc >= 0 && !kin->over && !lws_plat_kin_told())
		rc = libwebsocket_service(context, -1);
	lwsl_notice("the forked service ends\n");
	libwebsocket_context_destroy(context);
	lws_plat_leave(rc < 0);
}

/* ---- the parent ---- */

static void
forget_all(struct lws_list *list)
{
	while (!lws_list_empty(list)) {
		struct libwebsocket *wsi = lws_container_of(
			list->next, struct libwebsocket, peers);

		lws_tls_mute(&wsi->stream);
		lws_handle_retire(wsi);
		lws_watch_close(wsi);
		lws_wsi_discard(wsi);
	}
}

/* They are the child's now. */
static void
forget_connections(struct lws_loop *loop)
{
	unsigned n;

	lws_stay_forget_all(loop);
	forget_all(&loop->listeners);
	for (n = 0; n < loop->context->count_protocols; n++)
		forget_all(&loop->members[n]);
	forget_all(&loop->lingering);
	/* attempts of clients, which have ended with them */
	if (LWS_BUILT_CLIENT)
		lws_wsi_bury_all(loop);
}

/* Why not, or NULL. */
static const char *
objection(struct libwebsocket_context *context)
{
	const struct lws_loop *loop = context->loops;

	if (context->kin)
		return "it has been done already";
	if (context->count_loops > 1)
		return "several threads serve, of which one would remain";
	if (loop->in_turn)
		return "not from inside a callback";
	if (loop->away)
		return "the application does the waiting";
	if (LWS_BUILT_CLIENT && lws_lookups_busy(loop->lookups))
		return "a thread is looking up a name: fork before clients "
		       "connect";
	return NULL;
}

/* NULL in the parent when the child serves, else why there is none. */
static const char *
start_child(struct libwebsocket_context *context)
{
	const char *why = objection(context);
	struct lws_kin *kin;

	if (why)
		return why;
	lws_loop_settle(context->loops);
	kin = lws_zalloc(sizeof(*kin));
	why = "out of memory, processes or descriptors";
	if (kin && lws_plat_fork(kin) >= 0) {
		context->kin = kin;
		if (kin->child)
			serve(context);
		if (lws_plat_kin_wait(kin) >= 0)
			return NULL;
		why = "the child did not begin to serve";
	}
	context->kin = NULL;
	lws_free(kin);
	return why;
}

LWS_VISIBLE int
libwebsockets_fork_service_loop(struct libwebsocket_context *context)
{
	const char *why = start_child(context);

	if (why) {
		lwsl_err("fork: %s\n", why);
		return -1;
	}
	forget_connections(context->loops);
	return 0;
}

/* ---- both ---- */

int
lws_fork_send(const struct lws_kin *kin, const struct lws_span *v, size_t n)
{
	return lws_plat_kin_send(kin, v, n);
}

bool
lws_fork_alive(const struct lws_kin *kin)
{
	return lws_plat_kin_alive(kin);
}

bool
lws_fork_orphaned(const struct lws_kin *kin)
{
	return lws_plat_kin_gone(kin);
}

/* In the child the pair is a connection, and was closed like all of them. */
void
lws_fork_close(struct libwebsocket_context *context)
{
	if (!context->kin)
		return;
	if (!context->kin->child)
		lws_plat_kin_close(context->kin);
	lws_free(context->kin);
	context->kin = NULL;
}
