/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * mirror.c - lws-mirror-protocol: what one sends, all get, the sender too.
 *
 * Every chunk received goes to all in one call, lws_broadcast_message().  Whose
 * socket takes no more is left out of that from then on, and is behind: it gets
 * the rest at its own pace from a ring of what was received last, and is among
 * the others again when it has caught up.  The ring's entries are counted,
 * never wrapped: entry n lies in slot n modulo SLOTS, and a connection whose
 * tail is more than SLOTS behind the head has lost what was overwritten.
 *
 * That does not happen while everybody reads: when the slowest reader is
 * almost a ring behind, nobody may send until it has caught up a little.  One
 * that takes nothing for READER_PATIENCE_MS is no longer waited for, and finds
 * itself at newer entries when it reads again.
 *
 * Chunks of text may end inside a character, and as every entry is sent as a
 * message of its own, which must be valid text, such a beginning waits for the
 * next chunk.
 */
#include "server.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"

#define SLOTS 1024u		/* a power of two */
#define FULL (SLOTS - 1)
#define THROTTLE_AT (SLOTS - 2)
#define RELAX_AT (SLOTS - 15)
#define SKIP_TO (SLOTS / 2)

/* entries between two looks at whose socket takes no more */
#define LOOK_EVERY 16u

#ifndef AWAITING_TIMEOUT
#define AWAITING_TIMEOUT 5
#endif
#define READER_PATIENCE_MS (AWAITING_TIMEOUT * 1000LL)

struct entry {
	unsigned char *data;
	size_t len;
	bool binary;
};

static struct {
	struct entry ring[SLOTS];
	unsigned int head;		/* next entry to be written */
	unsigned int looked;		/* head when slow ones were sought */
	unsigned int behind;		/* readers that are */
	struct mirror_session *readers;
	bool throttled;
} mirror;

/* ---- who waits for whom ---- */

/* entries that the slowest reader worth waiting for has still to take */
static unsigned int
slowest_level(long long now)
{
	struct mirror_session *reader;
	unsigned int level, most = 0;

	if (!mirror.behind)
		return 0;
	for (reader = mirror.readers; reader; reader = reader->next) {
		level = reader->behind ? mirror.head - reader->tail : 0;
		if (!level)
			reader->since = now;
		else if (level > most &&
			 now - reader->since < READER_PATIENCE_MS)
			most = level;
	}
	return most;
}

static void
throttle(void)
{
	struct mirror_session *reader;

	if (mirror.throttled)
		return;
	mirror.throttled = true;
	for (reader = mirror.readers; reader; reader = reader->next)
		libwebsocket_rx_flow_control(reader->wsi, 0);
}

static void
relax_if_possible(void)
{
	if (!mirror.throttled || slowest_level(now_ms()) > RELAX_AT)
		return;
	mirror.throttled = false;
	libwebsocket_rx_flow_allow_all_protocol(
		&server_protocols[PROTOCOL_MIRROR]);
}

void
mirror_tick(void)
{
	relax_if_possible();
}

/* ---- who is behind ---- */

static void
fall_behind(struct libwebsocket_context *context, struct mirror_session *reader)
{
	reader->behind = true;
	reader->tail = mirror.head;
	reader->since = now_ms();
	mirror.behind++;
	lws_broadcast_mute(reader->wsi, 1);
	libwebsocket_callback_on_writable(context, reader->wsi);
}

static void
catch_up(struct mirror_session *reader)
{
	if (!reader->behind)
		return;
	reader->behind = false;
	mirror.behind--;
	lws_broadcast_mute(reader->wsi, 0);
}

static void
look_for_slow_ones(struct libwebsocket_context *context)
{
	struct mirror_session *reader;

	mirror.looked = mirror.head;
	for (reader = mirror.readers; reader; reader = reader->next)
		if (!reader->behind && lws_send_pipe_choked(reader->wsi))
			fall_behind(context, reader);
}

/* ---- connections ---- */

static void
join(struct libwebsocket *wsi, struct mirror_session *session)
{
	session->wsi = wsi;
	session->next = mirror.readers;
	session->link = &mirror.readers;
	if (session->next)
		session->next->link = &session->next;
	mirror.readers = session;
	if (mirror.throttled)
		libwebsocket_rx_flow_control(wsi, 0);
}

static void
leave(struct mirror_session *session)
{
	if (!session->link)
		return;
	*session->link = session->next;
	if (session->next)
		session->next->link = session->link;
	session->link = NULL;
	catch_up(session);
	relax_if_possible();
}

/* ---- receiving ---- */

/* how many bytes at the end of @text begin a character without ending it */
static size_t
unfinished(const unsigned char *text, size_t len)
{
	size_t back, needed;

	for (back = 1; back <= 3 && back <= len; back++) {
		if ((text[len - back] & 0xc0) == 0x80)
			continue;
		needed = text[len - back] >= 0xf0 ? 4 :
			 text[len - back] >= 0xe0 ? 3 :
			 text[len - back] >= 0xc0 ? 2 : 1;
		return needed > back ? back : 0;
	}
	return 0;
}

/* The next entry is @len bytes at @data, which are taken. */
static void
append(unsigned char *data, size_t len, bool binary)
{
	struct entry *entry = &mirror.ring[mirror.head++ % SLOTS];

	free(entry->data);
	entry->data = data;
	entry->len = len;
	entry->binary = binary;
	if (lws_broadcast_message(&server_protocols[PROTOCOL_MIRROR], NULL,
				  data, len,
				  (binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT) |
				  LWS_WRITE_MAY_WAIT) < 0)
		lwsl_err("no memory to mirror %u bytes\n", (unsigned int)len);
}

/* What was left of the last chunk, then this one: allocated, *@len bytes. */
static unsigned char *
join_carried(struct mirror_session *session, const void *data, size_t *len)
{
	unsigned char *copy = malloc(session->carried + *len + 1);

	if (!copy) {
		lwsl_err("no memory to mirror %u bytes\n", (unsigned int)*len);
		return NULL;
	}
	memcpy(copy, session->carry, session->carried);
	memcpy(copy + session->carried, data, *len);
	*len += session->carried;
	session->carried = 0;
	return copy;
}

static bool
ends_message(struct libwebsocket *wsi)
{
	return libwebsocket_is_final_fragment(wsi) &&
	       !libwebsockets_remaining_packet_payload(wsi);
}

static int
mirror_chunk(struct libwebsocket *wsi, struct mirror_session *session,
	     const void *data, size_t len)
{
	bool last = ends_message(wsi);
	bool whole = last && !session->in_message;
	bool binary = lws_frame_is_binary(wsi);
	unsigned char *copy = join_carried(session, data, &len);
	size_t cut;

	if (!copy)
		return -1;
	session->in_message = !last;
	cut = binary || last ? 0 : unfinished(copy, len);
	len -= cut;
	memcpy(session->carry, copy + len, cut);
	session->carried = (unsigned char)cut;
	if (len || whole)
		append(copy, len, binary);
	else
		free(copy);
	return 0;
}

static int
receive(struct libwebsocket_context *context, struct libwebsocket *wsi,
	struct mirror_session *session, const void *data, size_t len)
{
	unsigned int level = slowest_level(now_ms());

	if (level >= FULL || session->dropped) {
		lwsl_err("dropping!\n");
		session->carried = 0;
		session->dropped = session->in_message = !ends_message(wsi);
		if (level >= FULL)
			throttle();
		return 0;
	}
	if (mirror_chunk(wsi, session, data, len))
		return -1;
	if (level + 1 >= THROTTLE_AT)
		throttle();
	if (mirror.head - mirror.looked >= LOOK_EVERY)
		look_for_slow_ones(context);
	return 0;
}

/* ---- sending ---- */

static int
send_entry(struct libwebsocket *wsi, const struct entry *entry)
{
	int n = libwebsocket_write(wsi, entry->data, entry->len,
				   entry->binary ? LWS_WRITE_BINARY :
						   LWS_WRITE_TEXT);

	if (n < 0) {
		lwsl_err("ERROR %d writing to mirror socket\n", n);
		return -1;
	}
	return 0;
}

static int
send_waiting(struct libwebsocket_context *context, struct libwebsocket *wsi,
	     struct mirror_session *session)
{
	unsigned int before = mirror.head - session->tail;

	if (!session->behind)
		return 0;
	if (before > SLOTS)
		session->tail = mirror.head - SKIP_TO;
	while (session->tail != mirror.head && !lws_send_pipe_choked(wsi)) {
		if (send_entry(wsi, &mirror.ring[session->tail % SLOTS]))
			return -1;
		session->tail++;
		session->since = now_ms();
	}
	if (lws_send_pipe_choked(wsi))
		libwebsocket_callback_on_writable(context, wsi);
	else
		catch_up(session);
	if (before > RELAX_AT && mirror.head - session->tail <= RELAX_AT)
		relax_if_possible();
	return 0;
}

static void
clean_up(void)
{
	unsigned int n;

	lwsl_notice("mirror protocol cleaning up\n");
	for (n = 0; n < SLOTS; n++) {
		free(mirror.ring[n].data);
		mirror.ring[n].data = NULL;
	}
}

int
mirror_callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
		enum libwebsocket_callback_reasons reason, void *user,
		void *in, size_t len)
{
	struct mirror_session *session = user;

	switch ((int)reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		print_headers(wsi);
		break;
	case LWS_CALLBACK_ESTABLISHED:
		lwsl_info("callback_lws_mirror: LWS_CALLBACK_ESTABLISHED\n");
		join(wsi, session);
		break;
	case LWS_CALLBACK_RECEIVE:
		if (!server_close_testing)
			return receive(context, wsi, session, in, len);
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return send_waiting(context, wsi, session);
	case LWS_CALLBACK_CLOSED:
		leave(session);
		break;
	case LWS_CALLBACK_PROTOCOL_DESTROY:
		clean_up();
		break;
	default:
		break;
	}
	return 0;
}
