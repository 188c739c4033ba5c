/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/ws-message.c - payload becomes the chunks an application asked for.
 *
 * Chunks are rx_buffer_size bytes, the last of a frame shorter, whatever the
 * reads were.  One that lies whole in the input is delivered from there; only
 * one cut by the end of a read is gathered, in memory that grows as payload
 * really arrives and is given back when it is delivered.
 */
#include "stage/stages.h"

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/size.h"

/* first allocation for a cut chunk: bytes */
#define PART_MIN 1024

/* largest that is kept idle: bytes */
#define SPARE_MAX (64 * 1024)

struct lws_part {
	size_t len, cap;
	uint8_t data[]; /* lead, cap bytes, slack */
};

/*
 * One idle part is kept by the loop: a large message is cut by every read, and
 * the system would take the memory back and give it again each time.
 */
static struct lws_part *
borrow(struct lws_loop *loop, size_t n)
{
	struct lws_part *part = loop->spare;

	if (!part || part->cap < n)
		return NULL;
	loop->spare = NULL;
	part->len = 0;
	return part;
}

static void
give_back(struct lws_loop *loop, struct lws_part *part)
{
	if (loop->spare || part->cap > SPARE_MAX) {
		lws_free(part);
		return;
	}
	loop->spare = part;
}

/* Have room for @n more bytes, at least doubling, never beyond @most. */
static struct lws_part *
grow(struct lws_part *part, size_t n, size_t most)
{
	size_t have = part ? part->len : 0, cap = part ? part->cap : 0;
	struct lws_part *bigger;

	if (part && cap - have >= n)
		return part;
	cap = lws_min(most, cap > most / 2 ? most : 2 * cap);
	if (cap < PART_MIN)
		cap = lws_min(most, PART_MIN);
	if (cap < have + n)
		cap = have + n;
	bigger = lws_realloc(part,
			     sizeof(*part) + LWS_RX_LEAD + cap + LWS_RX_SLACK);
	if (!bigger)
		return NULL;
	bigger->len = have;
	bigger->cap = cap;
	return bigger;
}

/* Put @bytes, for which there is room, behind what @part has. */
static void
append(struct lws_part *part, struct lws_span bytes)
{
	memcpy(part->data + LWS_RX_LEAD + part->len, bytes.p, bytes.len);
	part->len += bytes.len;
}

/* Deliver what was gathered. */
static int
give_part(struct libwebsocket *wsi)
{
	struct lws_part *part = wsi->u.ws.u.part;
	int rc;

	wsi->u.ws.u.part = NULL;
	rc = lws_message_give(wsi,
			      lws_span(part->data + LWS_RX_LEAD, part->len));
	give_back(wsi->loop, part);
	return rc;
}

int
lws_message_collect(struct libwebsocket *wsi, const struct lws_piece *piece)
{
	const size_t most = wsi->protocol->max_message_size;
	struct lws_ws *ws = &wsi->u.ws;
	/* marked and compressed frames do not tell how much follows */
	const bool vague = ws->framer->tail || wsi->flags & LWS_WSI_EXTENDED;
	const uint64_t follows = vague ? 0 : piece->left;
	size_t have = ws->u.part ? ws->u.part->len : 0;
	struct lws_part *part;
	bool last = piece->bits & LWS_FRAME_FIN && !piece->left;

	if (piece->data.len > most - have ||
	    follows > most - have - piece->data.len)
		return LWS_ERR_LIMIT;
	if (last && !have)
		return piece->data.len ? lws_message_give(wsi, piece->data)
				       : lws_message_empty(wsi);
	if (piece->data.len) {
		part = grow(ws->u.part, piece->data.len, most);
		if (!part)
			return LWS_ERR_NOMEM;
		ws->u.part = part;
		append(part, piece->data);
	}
	return last ? give_part(wsi) : 0;
}

/* payload of the frame behind what is plain, as far as is known */
static inline uint64_t
behind(const struct libwebsocket *wsi)
{
	if (lws_unlikely(wsi->flags & LWS_WSI_EXTENDED))
		return wsi->u.ws.aside->more;
	return wsi->u.ws.rx.left;
}

/*
 * May the chunk go that @taken of what is plain completed?  What is inflated
 * shows its end only when that is there, and whether a chunk is the last of
 * its frame has to be known.
 */
static inline bool
is_known(const struct libwebsocket *wsi, size_t taken)
{
	return !(wsi->flags & LWS_WSI_EXTENDED) || taken < wsi->u.ws.plain ||
	       !behind(wsi);
}

static LWS_NOINLINE int
gather(struct libwebsocket *wsi, struct lws_span *in, size_t size)
{
	struct lws_ws *ws = &wsi->u.ws;
	size_t have = ws->u.part ? ws->u.part->len : 0;
	size_t n = lws_min(ws->plain, size - have);
	struct lws_part *part;

	/* a chunk that had to wait for the proof that it is not the last */
	if (have == size)
		return give_part(wsi);
	if (!ws->u.part)
		ws->u.part = borrow(wsi->loop, n);
	part = grow(ws->u.part, n, size);
	if (!part)
		return LWS_ERR_NOMEM;
	ws->u.part = part;
	append(part, lws_span_take(in, n));
	ws->plain -= (uint32_t)n;
	if (part->len < size ? ws->plain || behind(wsi) : !is_known(wsi, 0))
		return 0;
	return give_part(wsi);
}

int
lws_message_chunk(struct libwebsocket *wsi, struct lws_span *in)
{
	struct lws_ws *ws = &wsi->u.ws;
	size_t size = lws_message_size(wsi), n = lws_min(ws->plain, size);
	uint8_t *p = in->p;

	if (lws_unlikely(ws->u.part != NULL) ||
	    lws_unlikely(n < size ? behind(wsi) != 0 : !is_known(wsi, n)))
		return gather(wsi, in, size);
	ws->plain -= (uint32_t)n;
	lws_span_skip(in, n);
	return lws_message_give(wsi, lws_span(p, n));
}

int
lws_message_empty(struct libwebsocket *wsi)
{
	uint8_t nothing[LWS_RX_LEAD + LWS_RX_SLACK] = { 0 };

	if (wsi->u.ws.u.part)
		return give_part(wsi);
	return lws_message_give(wsi, lws_span(nothing + LWS_RX_LEAD, 0));
}

LWS_VISIBLE size_t
libwebsockets_remaining_packet_payload(struct libwebsocket *wsi)
{
	uint64_t left = wsi->u.ws.plain;

	if (lws_likely(wsi->stage == &lws_stage_ws))
		left += wsi->u.ws.rx.left;
	else if (lws_ws_stage(wsi))
		left += behind(wsi);
	else
		return 0;
	return left > SIZE_MAX ? SIZE_MAX : (size_t)left;
}

LWS_VISIBLE unsigned char
libwebsocket_get_reserved_bits(struct libwebsocket *wsi)
{
	return lws_ws_stage(wsi)
		       ? (unsigned char)(wsi->u.ws.rx.bits & LWS_FRAME_RSV)
		       : 0;
}

void
lws_ws_leave(struct libwebsocket *wsi)
{
	struct lws_ws *ws = &wsi->u.ws;

	lws_keepalive_end(wsi);
	lws_free(ws->u.part);
	lws_extended_leave(wsi);
	lws_control_leave(wsi);
	if (ws->framer && ws->framer->fini)
		ws->framer->fini(&ws->rx, &ws->tx);
}
