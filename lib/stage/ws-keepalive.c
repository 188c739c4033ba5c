/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/ws-keepalive.c - is the peer still there, and how far away (RFC 6455
 * section 5.5.2)?
 *
 * Pings of our own, recognised in their Pongs by what they carry.  Any sign of
 * life is as good as a Pong: a peer busy sending answers late, and one that
 * reads slowly gets the Ping late, but acknowledges what is in front of it.
 * The memory for it is found by the descriptor, so that connections without
 * pay nothing.
 *
 * A connection counts as alive as well while nothing could be heard: its
 * application has stopped the flow, or is in the midst of a frame which no
 * Ping can interrupt.
 */
#include "stage/stages.h"

#include "base/alloc.h"
#include "base/size.h"
#include "core/alarm.h"
#include "core/context.h"

/* who it is from, which it is */
#define MARK_LEN    8
#define PAYLOAD_LEN (MARK_LEN + 4)

struct lws_keepalive {
	struct lws_alarm alarm;
	struct libwebsocket *wsi;
	struct lws_ping_times times;
	uint64_t sent_us;	/* the last Ping */
	long rtt_us;		/* -1: not known yet */
	uint64_t acked;		/* bytes, when it was sent */
	bool behind;		/* others that were not */
	bool waiting;		/* for a sign of life */
	uint8_t payload[PAYLOAD_LEN];
};

static struct lws_keepalive *
find(const struct libwebsocket *wsi)
{
	return wsi->flags & LWS_WSI_PINGED ? wsi->loop->pinged[wsi->stream.fd]
					   : NULL;
}

/* ---- the table ---- */

/* Have a place for @fd. */
static int
make_room(struct lws_loop *loop, size_t fd)
{
	struct lws_keepalive **more;
	size_t count, size;

	if (fd < loop->count_pinged)
		return 0;
	count = fd + fd / 2 + 16;
	if (!lws_mul_ok(count, sizeof(struct lws_keepalive *), &size))
		return LWS_ERR_NOMEM;
	more = loop->pinged ? lws_realloc(loop->pinged, size) : lws_alloc(size);
	if (!more)
		return LWS_ERR_NOMEM;
	loop->pinged = more;
	loop->count_pinged = count;
	return 0;
}

/* ---- pinging ---- */

/* The last bytes count, so that late answers are known for what they are. */
static void
next_payload(struct lws_keepalive *k)
{
	size_t n = PAYLOAD_LEN;

	while (n-- > MARK_LEN && !++k->payload[n])
		continue;
}

/* A Ping, where the socket takes it now; else acknowledgements will do. */
static int
ping(struct lws_keepalive *k)
{
	if (k->wsi->flags & LWS_WSI_REFUSED)
		return 0;
	next_payload(k);
	k->sent_us = lws_plat_now_us();
	return lws_ws_control_frame(k->wsi, LWS_OP_PING,
				    lws_span(k->payload, PAYLOAD_LEN));
}

static bool
deaf(const struct libwebsocket *wsi)
{
	return wsi->flags & LWS_WSI_STOPPED || wsi->stash ||
	       lws_control_tx_left(wsi);
}

/* Ask, and be back when the answer is due. */
static int
ask(struct lws_keepalive *k)
{
	struct libwebsocket *wsi = k->wsi;
	unsigned wait = k->times.interval;

	k->waiting = false;
	if (!deaf(wsi)) {
		k->waiting = k->times.timeout != 0;
		wait = k->waiting ? k->times.timeout : wait;
		wsi->flags &= ~(uint32_t)LWS_WSI_HEARD;
		k->acked = lws_plat_acked(wsi->stream.fd, &k->behind);
		if (ping(k) < 0)
			return LWS_ERR_IO;
	}
	lws_alarm_set(wsi->loop, &k->alarm, wait);
	return 0;
}

/* Has there been any sign of life since? */
static bool
alive(const struct lws_keepalive *k)
{
	bool waiting;

	if (k->wsi->flags & LWS_WSI_HEARD)
		return true;
	return k->behind &&
	       lws_plat_acked(k->wsi->stream.fd, &waiting) > k->acked;
}

/* The answer is due. */
static int
judge(struct lws_keepalive *k)
{
	struct libwebsocket *wsi = k->wsi;

	if (!alive(k) && !deaf(wsi)) {
		lwsl_notice("a peer showed no sign of life for %u ms: its "
			    "connection is over\n",
			    k->times.timeout);
		return LWS_ERR_IO;
	}
	k->waiting = false;
	lws_alarm_set(wsi->loop, &k->alarm, k->times.interval);
	return 0;
}

static void
ring(struct lws_alarm *alarm)
{
	struct lws_keepalive *k =
		lws_container_of(alarm, struct lws_keepalive, alarm);
	struct libwebsocket *wsi = k->wsi;
	int rc;

	/* a Close has been sent, which has a timeout of its own */
	if (!(wsi->flags & LWS_WSI_OPEN))
		return;
	rc = k->waiting ? judge(k) : ask(k);
	if (rc < 0)
		lws_wsi_doom(wsi, rc);
}

bool
lws_keepalive_pong(struct libwebsocket *wsi, struct lws_span payload)
{
	struct lws_keepalive *k = find(wsi);

	if (payload.len != PAYLOAD_LEN ||
	    memcmp(payload.p, k->payload, MARK_LEN) != 0)
		return false;
	if (!k->sent_us || memcmp(payload.p, k->payload, PAYLOAD_LEN) != 0)
		return true;
	k->rtt_us = (long)(lws_plat_now_us() - k->sent_us);
	k->sent_us = 0;
	if (k->waiting) {
		k->waiting = false;
		lws_alarm_set(wsi->loop, &k->alarm, k->times.interval);
	}
	return true;
}

/* ---- beginning and end ---- */

int
lws_keepalive_begin(struct libwebsocket *wsi,
		    const struct lws_ping_times *times)
{
	struct lws_loop *loop = wsi->loop;
	struct lws_keepalive *k;
	int rc;

	if (!times->interval)
		return 0;
	rc = make_room(loop, (size_t)wsi->stream.fd);
	if (rc < 0)
		return rc;
	k = lws_zalloc(sizeof(*k));
	if (!k)
		return LWS_ERR_NOMEM;
	rc = lws_loop_random(loop, k->payload, sizeof(k->payload));
	if (rc < 0) {
		lws_free(k);
		return rc;
	}
	lws_alarm_init(&k->alarm, ring);
	k->wsi = wsi;
	k->times = *times;
	k->rtt_us = -1;
	loop->pinged[wsi->stream.fd] = k;
	wsi->flags |= LWS_WSI_PINGED;
	lws_alarm_set(loop, &k->alarm, times->interval);
	return 0;
}

void
lws_keepalive_end(struct libwebsocket *wsi)
{
	struct lws_keepalive *k = find(wsi);

	if (!k)
		return;
	wsi->flags &= ~(uint32_t)LWS_WSI_PINGED;
	wsi->loop->pinged[wsi->stream.fd] = NULL;
	lws_alarm_stop(wsi->loop, &k->alarm);
	lws_free(k);
}

LWS_VISIBLE long
lws_get_rtt_us(struct libwebsocket *wsi)
{
	const struct lws_keepalive *k = find(wsi);

	return k ? k->rtt_us : -1;
}
