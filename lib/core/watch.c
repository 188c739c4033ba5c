/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/watch.c - which readiness a connection waits for, and who is told.
 *
 * What is waited for follows from the connection's flags alone, so it is
 * worked out in one place and changes nothing when it is asked twice.
 */
#include "core/watch.h"

#include <poll.h>

#include "base/compiler.h"
#include "core/context.h"
#include "core/wsi.h"

/* stream.watched: a byte, which not every system's bits of poll() fit in */
#define WATCH_IN 1u
#define WATCH_OUT 4u
#define ABSENT 0x80u

static short
as_poll(unsigned watched)
{
	if (watched == ABSENT)
		return LWS_EV_ABSENT;
	return (short)((watched & WATCH_IN ? POLLIN : 0) |
		       (watched & WATCH_OUT ? POLLOUT : 0));
}

/* A client that is not established yet only remembers that it was asked. */
static bool
asked(const struct libwebsocket *wsi)
{
	if (!(wsi->flags & LWS_WSI_ASKED))
		return false;
	return wsi->flags & LWS_WSI_OPEN || !(wsi->flags & LWS_WSI_CLIENT);
}

/*
 * Under TLS one direction may wait for the other: for the readiness that helps,
 * then, since the one that is there would only keep the loop busy.
 */
static LWS_NOINLINE unsigned
crossed(const struct libwebsocket *wsi, unsigned want)
{
	const unsigned notes = wsi->stream.notes;

	if (notes & LWS_STREAM_RX_OUT)
		return WATCH_OUT;
	if (notes & LWS_STREAM_TX_IN)
		return WATCH_IN;
	return want;
}

static unsigned
wanted(const struct libwebsocket *wsi)
{
	unsigned want = 0;

	if (wsi->flags & LWS_WSI_CONNECTING)
		return WATCH_OUT;
	if (!(wsi->flags &
	      (LWS_WSI_STOPPED | LWS_WSI_PEER_EOF | LWS_WSI_HOLDS)) &&
	    !wsi->stash)
		want |= WATCH_IN;
	if (wsi->flags & LWS_WSI_REFUSED || (wsi->loop->foreign && asked(wsi)))
		want |= WATCH_OUT;
	if (LWS_BUILT_TLS && lws_unlikely(wsi->stream.notes))
		return crossed(wsi, want);
	return want;
}

static int
set(struct libwebsocket *wsi, unsigned want)
{
	struct lws_events *ev = &wsi->loop->events;

	return ev->ops->set(ev, wsi->stream.fd, &wsi->slot,
			    as_poll(wsi->stream.watched), as_poll(want));
}

/* The table and the backend know it. */
static int
enlist(struct libwebsocket *wsi)
{
	struct lws_fds *fds = &lws_context_of(wsi)->fds;
	int rc = lws_fds_put(fds, wsi->stream.fd, wsi);

	if (rc < 0)
		return rc;
	wsi->stream.watched = ABSENT;
	rc = set(wsi, WATCH_IN);
	if (rc < 0) {
		lws_fds_remove(fds, wsi->stream.fd);
		return rc;
	}
	wsi->stream.watched = WATCH_IN;
	return 0;
}

static void
delist(struct libwebsocket *wsi)
{
	if (wsi->stream.fd < 0 ||
	    lws_fds_get(&lws_context_of(wsi)->fds, wsi->stream.fd) != wsi)
		return;
	set(wsi, ABSENT);
	wsi->stream.watched = ABSENT;
	lws_fds_remove(&lws_context_of(wsi)->fds, wsi->stream.fd);
	/* the next to have this number may be another thread's */
	lws_mailbox_forget(wsi->loop, wsi->stream.fd);
}

int
lws_watch_open(struct libwebsocket *wsi)
{
	struct libwebsocket_context *context = lws_context_of(wsi);
	int rc = enlist(wsi);

	if (rc < 0)
		return rc;
	if (lws_notice_add(context, wsi, wsi->stream.fd, POLLIN)) {
		delist(wsi);
		return LWS_ERR_USER;
	}
	wsi->flags |= LWS_WSI_ANNOUNCED;
	lws_watch_refresh(wsi);
	return 0;
}

int
lws_watch_reopen(struct libwebsocket *wsi, int fd)
{
	lws_watch_close(wsi);
	wsi->stream.fd = wsi->stream.fd < 0
				 ? fd
				 : lws_plat_renumber(fd, wsi->stream.fd);
	return lws_watch_open(wsi);
}

int
lws_watch_again(struct libwebsocket *wsi)
{
	const uint8_t watched = wsi->stream.watched;
	int rc;

	if (watched == ABSENT)
		return 0;
	wsi->stream.watched = ABSENT;
	rc = set(wsi, watched);
	wsi->stream.watched = watched;
	return rc;
}

void
lws_watch_refresh(struct libwebsocket *wsi)
{
	unsigned was = wsi->stream.watched, want;

	if (wsi->stream.fd < 0 || was == ABSENT)
		return;
	want = wanted(wsi);
	if (want == was || set(wsi, want) < 0)
		return;
	wsi->stream.watched = (uint8_t)want;
	if (wsi->flags & LWS_WSI_ANNOUNCED)
		lws_notice_change(wsi, as_poll(was), as_poll(want));
}

void
lws_watch_withdraw(struct libwebsocket *wsi)
{
	struct libwebsocket_context *context = lws_context_of(wsi);

	if (!(wsi->flags & LWS_WSI_ANNOUNCED))
		return;
	wsi->flags &= ~(uint32_t)LWS_WSI_ANNOUNCED;
	lws_notice_del(context, wsi, wsi->stream.fd);
}

void
lws_watch_close(struct libwebsocket *wsi)
{
	lws_watch_withdraw(wsi);
	delist(wsi);
}

void
lws_watch_work(struct libwebsocket *wsi)
{
	struct lws_loop *loop = wsi->loop;

	if (!lws_list_empty(&wsi->work))
		return;
	lws_list_add(&loop->work, &wsi->work);
	lws_loop_recall(loop);
}

void
lws_watch_ask(struct libwebsocket *wsi)
{
	wsi->flags |= LWS_WSI_ASKED;
	if (wsi->flags & (LWS_WSI_REFUSED | LWS_WSI_CONNECTING))
		return;
	if (wsi->loop->foreign)
		lws_watch_refresh(wsi);
	else
		lws_watch_work(wsi);
}

int
lws_watch_request(struct libwebsocket *wsi)
{
	if (wsi->flags & LWS_WSI_DOOMED)
		return -1;
	if (wsi->flags & LWS_WSI_CLIENT && !(wsi->flags & LWS_WSI_OPEN)) {
		/* kept until it is established */
		wsi->flags |= LWS_WSI_ASKED;
		return 1;
	}
	if (wsi->stream.fd < 0 || wsi->stream.watched == ABSENT)
		return -1;
	if (wsi->stage->asked && wsi->stage->asked(wsi))
		return 1;
	lws_watch_ask(wsi);
	return 1;
}

/* Another thread may touch nothing of the loop: it leaves word. */
LWS_VISIBLE int
libwebsocket_callback_on_writable(struct libwebsocket_context *context,
				  struct libwebsocket *wsi)
{
	(void)context;
	if (lws_likely(!lws_loop_other_thread(wsi->loop)))
		return lws_watch_request(wsi);
	if (wsi->stream.fd < 0)
		return -1;
	lws_mailbox_ask(wsi->loop, wsi->stream.fd);
	return 1;
}
