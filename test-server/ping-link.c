/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ping-link.c - the connections of test-ping, and what goes over them.
 *
 * Each link has a time at which its next ping is due; the ping goes with the
 * writeable callback that is asked for then.  Without an interval it is due
 * when the last one is answered, or lost for FLOOD_US: a server may answer only
 * the latest of several Pings (RFC 6455 section 5.5.3), so sending more of them
 * at once would measure nothing but that.
 *
 * Unless the user has named a subprotocol, none is needed: a server that does
 * not take ours is asked once more without.
 */
#include "ping.h"

#include <stdio.h>

#include "common.h"

#define FLOOD_US 10000
#define LATE_US 100000		/* what is missed by more is not made up for */
#define LINGER_US 250000	/* to wait for the last answers */
#define IDLE_MS 1000

struct link {
	struct libwebsocket *wsi;	/* NULL while there is none */
	bool open;
	bool asked;		/* a request has gone to the server */
	bool plain;		/* it was for no subprotocol */
	bool again;		/* to be connected once more, plain */
	bool due;		/* a ping is to go */
	long long next;		/* when the next one is due */
	struct ping_series series;
	/* of the mirror: the answer that is being collected */
	uint64_t number;	/* 0: none */
	size_t have;
	bool inside;		/* a frame: what comes next is not its start */
	bool foreign;		/* the frame is none of ours */
};

static struct {
	const struct ping_settings *settings;
	struct link links[LINKS_MAX];	/* memory is touched as it is used */
	int live;		/* those that are not over */
	bool peer_shown;
	bool told_plain;
	bool ending;
	long long first_us;	/* when the first ping went; 0: not yet */
	struct ping_score score;
} ping;

/* Hixie-76 has neither Ping nor binary messages, so its answers are text. */
static bool
as_text(void)
{
	return ping.settings->version == 0;
}

static long long
period(void)
{
	return ping.settings->interval_us ? ping.settings->interval_us :
					    FLOOD_US;
}

/* ---- out ---- */

static void
make_due(struct libwebsocket_context *context, struct link *link)
{
	link->due = true;
	libwebsocket_callback_on_writable(context, link->wsi);
}

static int
send_ping(struct link *link)
{
	static unsigned char payload[MIRROR_SIZE_MAX];
	size_t size = ping.settings->size;
	unsigned int kind = LWS_WRITE_PING;
	long long now;

	if (!link->due || ping.ending)
		return 0;
	if (ping.settings->mirror)
		kind = as_text() ? LWS_WRITE_TEXT : LWS_WRITE_BINARY;
	if (ping.settings->killmask)
		kind |= LWS_WRITE_CLIENT_IGNORE_XOR_MASK;

	link->due = false;
	ping_number_put(payload, link->series.count + 1, as_text());
	now = now_us();
	if (libwebsocket_write(link->wsi, payload, size, kind) < (int)size) {
		fprintf(stderr, "writing to the server failed\n");
		return -1;
	}
	if (!ping.first_us)
		ping.first_us = now;
	if (!ping.settings->interval_us)
		link->next = now + FLOOD_US;
	ping_sent(&link->series, &ping.score, now);
	ping_screen_sent();
	return 0;
}

/* ---- in ---- */

static void
answered(struct libwebsocket_context *context, struct link *link,
	 uint64_t number, size_t len)
{
	struct ping_answer answer = { .number = number, .len = len };

	answer.verdict = ping_answered(&link->series, &ping.score, number,
				       now_us(), &answer.rtt_us);
	ping_screen_answer(&answer);
	if (!ping.settings->interval_us && !ping.ending &&
	    answer.verdict == PING_KNOWN && number == link->series.count)
		make_due(context, link);
}

static void
pong(struct libwebsocket_context *context, struct link *link,
     const unsigned char *in, size_t len)
{
	if (!ping.settings->mirror && len >= PING_SIZE_MIN)
		answered(context, link, ping_number_get(in, false), len);
}

/*
 * A mirror may return a message in pieces, of which only the first begins with
 * a number: what follows is zero.  Others use the mirror too: a number that we
 * have not sent is no beginning of ours.
 */
static void
mirrored(struct libwebsocket_context *context, struct link *link,
	 const unsigned char *in, size_t len)
{
	bool start = !link->inside;
	uint64_t number = start && len >= PING_SIZE_MIN ?
			  ping_number_get(in, as_text()) : 0;

	link->inside = libwebsockets_remaining_packet_payload(link->wsi) > 0;
	if (start)
		link->foreign = number > link->series.count;
	if (link->foreign) {
		if (start)
			answered(context, link, number, len);
		return;
	}
	if (number) {
		link->number = number;
		link->have = 0;
	}
	if (!link->number)
		return;
	link->have += len;
	if (link->have < ping.settings->size)
		return;
	number = link->number;
	link->number = 0;
	answered(context, link, number, link->have);
}

/* ---- links come and go ---- */

static void
link_over(struct link *link)
{
	link->wsi = NULL;
	link->open = false;
	ping.live--;
}

/* Who was asked and said no has perhaps been asked the wrong thing. */
static void
link_failed(struct link *link, const char *why)
{
	const struct ping_settings *s = ping.settings;
	int number = (int)(link - ping.links) + 1;

	link_over(link);
	if (ping.ending)
		return;
	fprintf(stderr, "client connection %d failed to connect%s%s", number,
		why[0] ? ": " : "", why);
	if (link->asked)
		fprintf(stderr, " (asked for path %s, protocol %s)",
			s->target.path, link->plain ? "(none)" : s->protocol);
	fputc('\n', stderr);
}

static bool
connect_link(struct libwebsocket_context *context, struct link *link)
{
	const struct ping_settings *s = ping.settings;

	link->again = false;
	link->asked = false;
	link->plain |= !s->protocol;
	link->wsi = libwebsocket_client_connect_extended(
		context, s->target.address, s->port, s->tls ? 2 : 0,
		s->target.path, s->target.host, "origin",
		link->plain ? NULL : s->protocol, s->version, link);
	if (!link->wsi)
		link_failed(link, "");
	return link->wsi;
}

/* The server has refused, or could not be reached; @reason is the library's. */
static void
refused(struct link *link, const char *reason, size_t len)
{
	bool again = link->asked && !link->plain &&
		     !ping.settings->protocol_given && !ping.ending;
	char why[256];

	snprintf(why, sizeof(why), "%.*s", (int)len, reason ? reason : "");
	printable(why);
	if (!again) {
		link_failed(link, why);
		return;
	}
	if (!ping.told_plain)
		fprintf(stderr, "no handshake for protocol %s (%s), "
			"trying without\n", ping.settings->protocol, why);
	ping.told_plain = true;
	link->plain = true;
	link->again = true;
	link->wsi = NULL;
}

static void
opened(struct libwebsocket_context *context, struct link *link)
{
	link->open = true;
	if (!ping.peer_shown)
		ping_screen_peer(context, link->wsi, ping.settings->size);
	ping.peer_shown = true;
	make_due(context, link);
	link->next = now_us() + period();
}

static void
closed(struct link *link)
{
	if (!ping.ending)
		fprintf(stderr, "LWS_CALLBACK_CLOSED on %p\n",
			(void *)link->wsi);
	link_over(link);
}

int
ping_callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	struct link *link = user;

	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		link->asked = true;
		break;
	case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
		show_handshake(wsi);
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		opened(context, link);
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return send_ping(link);
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		pong(context, link, in, len);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (ping.settings->mirror)
			mirrored(context, link, in, len);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		refused(link, in, len);
		break;
	case LWS_CALLBACK_CLOSED:
		closed(link);
		break;
	default:
		break;
	}
	return 0;
}

/* ---- the loop ---- */

/* Wake those whose time has come; how long the loop may sleep, in ms. */
static int
wake_links(struct libwebsocket_context *context)
{
	long long now = now_us(), left, least = IDLE_MS * 1000;
	struct link *link;

	for (link = ping.links; link < ping.links + ping.settings->links;
	     link++) {
		if (link->again)
			connect_link(context, link);
		if (!link->open)
			continue;
		if (link->next <= now) {
			make_due(context, link);
			link->next += period();
			if (link->next <= now - LATE_US)
				link->next = now + period();
		}
		left = link->next - now;
		least = left < least ? left : least;
	}
	if (least < 0)
		return 0;
	/* late by less than one in two, without turning all the time */
	return (int)((least + (period() < 2000 ? 0 : 999)) / 1000);
}

/* Nothing more is sent: give the last answers their time. */
static void
linger(struct libwebsocket_context *context)
{
	long long until = now_us() + LINGER_US, left;
	int n = 0;

	ping.ending = true;
	while (n >= 0 && ping.live && ping.score.received < ping.score.sent &&
	       (left = until - now_us()) > 0)
		n = libwebsocket_service(context, (int)(left / 1000) + 1);
}

int
ping_run(struct libwebsocket_context *context,
	 const struct ping_settings *settings)
{
	struct ping_summary summary = {
		.score = &ping.score,
		.links = settings->links,
		.size = settings->size,
	};
	int n;

	ping.settings = settings;
	ping_screen_begin(settings->target.address, settings->flood);
	ping.live = settings->links;
	for (n = 0; n < settings->links; n++)
		if (!connect_link(context, &ping.links[n])) {
			ping.ending = true;
			return 1;
		}
	n = 0;
	while (n >= 0 && ping.live && !stopping())
		n = libwebsocket_service(context, wake_links(context));
	if (ping.first_us)
		summary.elapsed_us = now_us() - ping.first_us;
	linger(context);
	ping_screen_statistics(&summary);
	return ping.score.received ? 0 : 1;
}
