/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/ws-write.c - libwebsocket_write().
 *
 * Small frames are copied behind what is queued; large unmasked ones go out
 * from the application's memory, and only what the socket refuses is copied.
 */
#include "stage/stages.h"

#include <limits.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/size.h"
#include "core/context.h"
#include "core/handle.h"
#include "core/share.h"
#include "core/watch.h"

/* most payload that is copied into a chunk with its header */
#define SMALL (LWS_CHUNK_SIZE - LWS_FRAME_HEAD_MAX - LWS_FRAME_TAIL_MAX)

/* enum libwebsocket_write_protocol to opcode */
static const uint8_t opcodes[] = {
	[LWS_WRITE_TEXT] = LWS_OP_TEXT,
	[LWS_WRITE_BINARY] = LWS_OP_BINARY,
	[LWS_WRITE_CONTINUATION] = LWS_OP_CONTINUATION,
	[LWS_WRITE_HTTP] = 0xff,
	[LWS_WRITE_CLOSE] = LWS_OP_CLOSE,
	[LWS_WRITE_PING] = LWS_OP_PING,
	[LWS_WRITE_PONG] = LWS_OP_PONG,
};

uint8_t
lws_ws_opcode(unsigned kind)
{
	return opcodes[kind & 7];
}

/* A fresh mask, or the zeros that a test of security asks for. */
static int
make_mask(struct libwebsocket *wsi, unsigned kind, uint8_t mask[4])
{
	if (!(kind & LWS_WRITE_CLIENT_IGNORE_XOR_MASK))
		return lws_loop_random(wsi->loop, mask, 4);
	memset(mask, 0, 4);
	return 0;
}

static size_t
put_tail(struct lws_ws *ws, uint8_t *to)
{
	return ws->framer->tail ? ws->framer->tail(&ws->tx, to) : 0;
}

/* The frame at @to, where there is room for it; its size or an enum lws_err. */
static ssize_t
put_frame(struct lws_ws *ws, const struct lws_frame_spec *spec,
	  struct lws_span payload, uint8_t *to)
{
	int rc = ws->framer->head(&ws->tx, spec, to);
	size_t n;

	if (lws_unlikely(rc < 0))
		return rc;
	n = (size_t)rc;
	if (lws_masking(&ws->tx))
		ws->framer->copy(&ws->tx, to + n, payload);
	else if (payload.len)
		memcpy(to + n, payload.p, payload.len);
	n += payload.len;
	return (ssize_t)(n + put_tail(ws, to + n));
}

static int
small_frame(struct libwebsocket *wsi, const struct lws_frame_spec *spec,
	    struct lws_span payload)
{
	uint8_t *to = lws_tx_reserve(wsi, payload.len + LWS_FRAME_HEAD_MAX +
						  LWS_FRAME_TAIL_MAX);
	ssize_t n;

	if (lws_unlikely(!to))
		return LWS_ERR_NOMEM;
	n = put_frame(&wsi->u.ws, spec, payload, to);
	if (lws_unlikely(n < 0))
		return (int)n;
	lws_tx_commit(wsi, (size_t)n);
	return lws_tx_settle(wsi);
}

/* Masked payload has to be copied anyway: a chunk at a time. */
static int
masked_payload(struct libwebsocket *wsi, struct lws_span payload)
{
	struct lws_ws *ws = &wsi->u.ws;
	int rc = 0;

	while (payload.len && rc >= 0) {
		struct lws_span part = lws_span_take(&payload, LWS_CHUNK_SIZE);
		uint8_t *to = lws_tx_reserve(wsi, part.len);

		if (!to)
			return LWS_ERR_NOMEM;
		ws->framer->copy(&ws->tx, to, part);
		lws_tx_commit(wsi, part.len);
		rc = lws_tx_settle(wsi);
	}
	return rc;
}

static int
large_frame(struct libwebsocket *wsi, const struct lws_frame_spec *spec,
	    struct lws_span payload)
{
	struct lws_ws *ws = &wsi->u.ws;
	uint8_t head[LWS_FRAME_HEAD_MAX], tail[LWS_FRAME_TAIL_MAX];
	struct lws_span v[3];
	int rc;

	rc = ws->framer->head(&ws->tx, spec, head);
	if (rc < 0)
		return rc;
	v[0] = lws_span(head, (size_t)rc);
	v[1] = payload;
	v[2] = lws_span(tail, put_tail(ws, tail));
	if (!lws_masking(&ws->tx))
		return lws_tx_send(wsi, v, v[2].len ? 3 : 2);
	rc = lws_tx_add(wsi, v[0]);
	if (rc >= 0)
		rc = masked_payload(wsi, payload);
	return rc < 0 ? rc : lws_tx_add(wsi, v[2]);
}

/* Extensions below the frames are shown a whole one. */
static int
frame_as_bytes(struct libwebsocket *wsi, const struct lws_frame_spec *spec,
	       struct lws_span payload)
{
	size_t size;
	uint8_t *mem;
	ssize_t n;
	int rc;

	if (!lws_add_ok(payload.len, LWS_FRAME_HEAD_MAX + LWS_FRAME_TAIL_MAX,
			&size))
		return LWS_ERR_NOMEM;
	mem = lws_alloc(size);
	if (!mem)
		return LWS_ERR_NOMEM;
	n = put_frame(&wsi->u.ws, spec, payload, mem);
	rc = n < 0 ? (int)n : lws_extended_bytes(wsi, lws_span(mem, (size_t)n));
	lws_free(mem);
	return rc;
}

static int
queue_frame(struct libwebsocket *wsi, const struct lws_frame_spec *spec,
	    struct lws_span payload)
{
	if (lws_unlikely(wsi->flags & LWS_WSI_EXTENDED) &&
	    lws_extended_has_bytes(wsi))
		return frame_as_bytes(wsi, spec, payload);
	return payload.len <= SMALL ? small_frame(wsi, spec, payload)
				    : large_frame(wsi, spec, payload);
}

int
lws_ws_data_frame(struct libwebsocket *wsi, struct lws_frame_spec *spec,
		  struct lws_span payload, unsigned kind)
{
	uint8_t mask[4];

	spec->len = payload.len;
	if (lws_masking(&wsi->u.ws.tx)) {
		spec->mask = mask;
		if (make_mask(wsi, kind, mask) < 0)
			return LWS_ERR_IO;
	}
	return queue_frame(wsi, spec, payload);
}

int
lws_ws_control_frame(struct libwebsocket *wsi, enum lws_opcode opcode,
		     struct lws_span payload)
{
	uint8_t mask[4];
	const struct lws_frame_spec spec = {
		.len = payload.len,
		.mask = lws_masking(&wsi->u.ws.tx) ? mask : NULL,
		.opcode = (uint8_t)opcode,
		.bits = LWS_FRAME_FIN,
	};

	/* nothing may come between the parts of a frame */
	if (lws_control_tx_left(wsi))
		return LWS_ERR_UNSUPPORTED;
	if (spec.mask && make_mask(wsi, 0, mask) < 0)
		return LWS_ERR_IO;
	return queue_frame(wsi, &spec, payload);
}

int
lws_ws_close_frame(struct libwebsocket *wsi, uint16_t code)
{
	const bool client = wsi->flags & LWS_WSI_CLIENT;
	uint8_t payload[LWS_CONTROL_MAX];
	size_t len = wsi->u.ws.framer->close_build(payload, client, code,
						   lws_span(NULL, 0));

	return lws_ws_control_frame(wsi, LWS_OP_CLOSE, lws_span(payload, len));
}

/*
 * no_buffer_all_partial_tx: hand over what the socket takes now, at most a
 * chunk at a time, and say how much; the caller comes back with the rest, and
 * the frame goes on without a new header.
 */
static int
partial_frame(struct libwebsocket *wsi, const struct lws_frame_spec *spec,
	      struct lws_span payload)
{
	struct lws_ws *ws = &wsi->u.ws;
	uint8_t head[LWS_FRAME_HEAD_MAX], tail[LWS_FRAME_TAIL_MAX];
	uint64_t left = lws_control_tx_left(wsi);
	size_t taken = 0;
	int rc = 0;

	if (!left) {
		rc = ws->framer->head(&ws->tx, spec, head);
		if (rc >= 0)
			rc = lws_tx_add(wsi, lws_span(head, (size_t)rc));
		left = payload.len;
	}
	while (rc >= 0 && payload.len && !(wsi->flags & LWS_WSI_REFUSED)) {
		struct lws_span part = lws_span_take(&payload, LWS_CHUNK_SIZE);

		taken += part.len;
		rc = lws_masking(&ws->tx) ? masked_payload(wsi, part)
				    : lws_tx_add(wsi, part);
		if (rc >= 0)
			rc = lws_tx_flush(wsi);
	}
	left -= taken < left ? taken : left;
	if (rc >= 0 && !left)
		rc = lws_tx_add(wsi, lws_span(tail, put_tail(ws, tail)));
	if (rc >= 0)
		rc = lws_control_set_tx_left(wsi, left);
	/* a Pong may have waited for the end of the frame */
	if (!left && ws->aside)
		lws_watch_ask(wsi);
	return rc < 0 ? rc : (int)taken;
}

/* The library cannot go on with this connection: the caller learns by -1. */
int
lws_ws_failed(struct libwebsocket *wsi, int rc)
{
	lwsl_info("write failed: %s\n", lws_err_name(rc));
	if (rc == LWS_ERR_LIMIT)
		lws_tx_free(wsi);
	if (rc != LWS_ERR_UNSUPPORTED)
		lws_wsi_fail(wsi);
	return -1;
}

static int
write_frame(struct libwebsocket *wsi, struct lws_span payload, unsigned kind)
{
	uint8_t mask[4];
	struct lws_frame_spec spec = {
		.len = payload.len,
		.opcode = opcodes[kind & 7],
		.bits = kind & LWS_WRITE_NO_FIN ? 0 : LWS_FRAME_FIN,
		.plain = kind & LWS_WRITE_CLIENT_IGNORE_XOR_MASK,
	};
	int rc;

	if (lws_unlikely(lws_masking(&wsi->u.ws.tx))) {
		spec.mask = mask;
		if (make_mask(wsi, kind, mask) < 0)
			return lws_ws_failed(wsi, LWS_ERR_IO);
	}
	if (lws_unlikely(wsi->flags & LWS_WSI_PARTIAL_TX &&
			 !(spec.opcode & LWS_OP_CONTROL))) {
		rc = partial_frame(wsi, &spec, payload);
		return rc < 0 ? lws_ws_failed(wsi, rc) : rc;
	}
	rc = queue_frame(wsi, &spec, payload);
	if (lws_unlikely(rc < 0))
		return lws_ws_failed(wsi, rc);
	return (int)payload.len;
}

/* What the version cannot carry is refused, and the connection goes on. */
static int
write_one(struct libwebsocket *wsi, struct lws_span payload, unsigned kind)
{
	const struct lws_framer_ops *framer = wsi->u.ws.framer;
	int rc;

	if (wsi->flags & LWS_WSI_EXTENDED) {
		rc = lws_extended_write(wsi, payload, kind);
		return rc < 0 ? lws_ws_failed(wsi, rc) : (int)payload.len;
	}
	if (framer->carries && !framer->carries(payload))
		return lws_ws_failed(wsi, LWS_ERR_UNSUPPORTED);
	return write_frame(wsi, payload, kind);
}

/* Note whether a message is under way; what waited for its end follows. */
static LWS_NOINLINE int
note_fragment(struct libwebsocket *wsi, unsigned kind)
{
	struct lws_tx_frame *tx = &wsi->u.ws.tx;
	const bool part = lws_control_tx_left(wsi);

	if (kind & LWS_WRITE_NO_FIN)
		tx->notes |= LWS_TX_AMID;
	else if ((kind & 0xf) == LWS_WRITE_CONTINUATION && !part)
		tx->notes &= (uint8_t)~LWS_TX_AMID;
	tx->notes = (uint8_t)(part ? tx->notes | LWS_TX_PART
				   : tx->notes & ~LWS_TX_PART);
	return tx->notes & (LWS_TX_AMID | LWS_TX_PART) ? 0
						       : lws_held_send(wsi);
}

static int
write_data(struct libwebsocket *wsi, struct lws_span payload, unsigned kind)
{
	int rc = write_one(wsi, payload, kind);

	if (lws_likely((kind & ~(unsigned)LWS_WRITE_NO_COMPRESS) <=
			       LWS_WRITE_BINARY &&
		       !(wsi->flags & LWS_WSI_PARTIAL_TX)))
		return rc;
	return rc < 0 || note_fragment(wsi, kind) < 0 ? -1 : rc;
}

int
lws_ws_whole(struct libwebsocket *wsi, struct lws_span payload, unsigned kind)
{
	const bool partial = wsi->flags & LWS_WSI_PARTIAL_TX;
	int rc;

	if (lws_tx_waiting(wsi) > lws_context_of(wsi)->tx_limit)
		return lws_ws_failed(wsi, LWS_ERR_LIMIT);
	wsi->flags &= ~(uint32_t)LWS_WSI_PARTIAL_TX;
	rc = write_one(wsi, payload, kind);
	if (partial)
		wsi->flags |= LWS_WSI_PARTIAL_TX;
	lws_handle_note(wsi);
	return rc < 0 ? -1 : 0;
}

/* The application writes code and reason itself, for versions with them. */
static int
write_close(struct libwebsocket *wsi, struct lws_span payload, unsigned kind)
{
	int rc;

	lws_extended_drain(wsi);
	if (wsi->u.ws.framer->close_coded)
		rc = write_frame(wsi, payload, kind);
	else
		rc = lws_ws_close_frame(wsi, 0) < 0 ? -1 : (int)payload.len;
	if (rc >= 0)
		lws_closing_begin(wsi);
	return rc;
}

static int
write_control(struct libwebsocket *wsi, struct lws_span payload, unsigned kind)
{

	if (payload.len > LWS_CONTROL_MAX) {
		lwsl_warn("control payload of %zu bytes refused, %d is most\n",
			  payload.len, LWS_CONTROL_MAX);
		return -1;
	}
	if (lws_control_tx_left(wsi)) {
		lwsl_warn("control frame refused amid a frame\n");
		return -1;
	}
	kind &= ~(unsigned)LWS_WRITE_NO_FIN;
	if ((kind & 0xf) == LWS_WRITE_CLOSE)
		return write_close(wsi, payload, kind);
	if (!wsi->u.ws.framer->pings)
		return (int)payload.len;
	return write_frame(wsi, payload, kind);
}

/* An answer to HEAD ends with its head, whatever the application adds. */
static struct lws_span
head_only(struct lws_http *http, struct lws_span bytes, unsigned opcode)
{
	const uint8_t *end;

	if (http->head_sent)
		return lws_span(bytes.p, 0);
	end = lws_span_find(bytes, "\r\n\r\n");
	http->head_sent = end || opcode == LWS_WRITE_HTTP_HEADERS;
	return end ? lws_span(bytes.p, (size_t)(end - bytes.p) + 4) : bytes;
}

static int
write_http(struct libwebsocket *wsi, struct lws_span bytes, unsigned opcode)
{
	const size_t len = bytes.len;
	int rc;

	if (!lws_http_stage(wsi) || wsi->flags & LWS_WSI_DOOMED)
		return -1;
	wsi->u.http.answered = true;
	if (wsi->u.http.method == LWS_HTTP_HEAD)
		bytes = head_only(&wsi->u.http, bytes, opcode);
	if (!bytes.len)
		return (int)len;
	rc = bytes.len <= LWS_CHUNK_SIZE ? lws_tx_add(wsi, bytes)
					 : lws_tx_send(wsi, &bytes, 1);
	return rc < 0 ? lws_ws_failed(wsi, rc) : (int)len;
}

static bool
is_http(unsigned opcode)
{
	return opcode == LWS_WRITE_HTTP || opcode == LWS_WRITE_HTTP_FINAL ||
	       opcode == LWS_WRITE_HTTP_HEADERS;
}

static int
write_other(struct libwebsocket *wsi, struct lws_span bytes, unsigned kind)
{
	unsigned opcode = kind & 0xf;

	if (lws_tx_waiting(wsi) > lws_context_of(wsi)->tx_limit)
		return lws_ws_failed(wsi, LWS_ERR_LIMIT);
	if (bytes.len > INT_MAX)
		return -1;
	if (is_http(opcode))
		return write_http(wsi, bytes, opcode);
	if (!(wsi->flags & LWS_WSI_OPEN))
		return -1;
	if (opcode <= LWS_WRITE_CONTINUATION)
		return write_data(wsi, bytes, kind);
	if (opcode <= LWS_WRITE_PONG)
		return write_control(wsi, bytes, kind);
	lwsl_warn("unknown write protocol %u\n", opcode);
	return -1;
}

/* Everything but the common case; other threads are to know what waits. */
static LWS_NOINLINE int
write_any(struct libwebsocket *wsi, struct lws_span bytes, unsigned kind)
{
	const int rc = write_other(wsi, bytes, kind);

	if (wsi->flags & LWS_WSI_REFUSED)
		lws_handle_note(wsi);
	return rc;
}

/* A short bare message on an open pipe: a straight line into the queue. */
static inline bool
is_common(const struct libwebsocket *wsi, size_t len, unsigned kind)
{
	const uint32_t flags = LWS_WSI_OPEN | LWS_WSI_REFUSED |
			       LWS_WSI_PARTIAL_TX | LWS_WSI_SHAPED_TX;

	return (wsi->flags & flags) == LWS_WSI_OPEN &&
	       kind <= LWS_WRITE_BINARY &&
	       len <= SMALL;
}

/* memcpy() without the call for the lengths of small messages */
static inline void
copy_payload(uint8_t *to, const uint8_t *from, size_t len)
{
	if (len >= 16 && len <= 32) {
		memcpy(to, from, 16);
		memcpy(to + len - 16, from + len - 16, 16);
	} else {
		memcpy(to, from, len);
	}
}

/* The header of a common frame; its size. */
static inline size_t
put_head(struct lws_ws *ws, unsigned kind, size_t len, uint8_t *to)
{
	struct lws_frame_spec spec = {
		.len = len,
		.opcode = opcodes[kind & 1],
		.bits = LWS_FRAME_FIN,
	};

	if (lws_unlikely(len > LWS_CONTROL_MAX))
		return (size_t)ws->framer->head(&ws->tx, &spec, to);
	to[0] = spec.opcode | spec.bits;
	to[1] = (uint8_t)len;
	return 2;
}

LWS_VISIBLE int
libwebsocket_write(struct libwebsocket *wsi, unsigned char *buf, size_t len,
		   enum libwebsocket_write_protocol protocol)
{
	const unsigned kind = (unsigned)protocol;
	uint8_t *to;
	size_t n;

	if (lws_unlikely(!is_common(wsi, len, kind)))
		return write_any(wsi, lws_span(buf, len), kind);
	to = lws_tx_reserve(wsi, len + LWS_FRAME_HEAD_MAX);
	if (lws_unlikely(!to))
		return lws_ws_failed(wsi, LWS_ERR_NOMEM);
	n = put_head(&wsi->u.ws, kind, len, to);
	copy_payload(to + n, buf, len);
	lws_tx_commit(wsi, n + len);
	if (lws_unlikely(lws_tx_settle(wsi) < 0))
		return lws_ws_failed(wsi, LWS_ERR_IO);
	return (int)len;
}
