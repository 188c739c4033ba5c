/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/ws-extended.c - established, with extensions between frames and
 * messages, or between frames and the socket.
 *
 * A stage of its own, so that connections without extensions know nothing of
 * it.  What comes out of a step is delivered before the next one is made; when
 * the user stops the flow, or a turn has made as much as is fair to others,
 * what is in hand is laid aside and taken up again later.
 */
#include "stage/stages.h"

#include "base/alloc.h"
#include "base/compiler.h"
#include "core/context.h"
#include "core/watch.h"
#include "ext/callback.h"

/* output of extensions in one turn of one connection: bytes */
#define FAIR (256 * 1024)

static struct lws_ext_chain *
chain_of(const struct libwebsocket *wsi)
{
	return wsi->u.ws.aside->chain;
}

static bool
is_paused(const struct libwebsocket *wsi)
{
	return wsi->flags & (LWS_WSI_STOPPED | LWS_WSI_HOLDS);
}

/* ---- input: payload ---- */

/*
 * Text is checked, and the end of a message noted, as soon as a step has made
 * it.  What an extension of the application gives may lie anywhere, but whoever
 * receives it is promised room around.
 */
static int
begin_output(struct libwebsocket *wsi, struct lws_ext_run *run, void **memory)
{
	struct lws_ext_piece *out = &run->out;
	const struct lws_piece text = {
		.data = out->data,
		.left = !out->last,
		.bits = out->bits,
	};
	uint8_t *padded;
	int rc = 0;

	if (out->bits & LWS_FRAME_RSV)
		return LWS_ERR_PROTOCOL;
	if (out->kind == LWS_OP_TEXT)
		rc = lws_ws_check_text(wsi, &text);
	if (rc < 0 || lws_chain_padded(run->chain))
		return rc;
	padded = lws_alloc(LWS_RX_LEAD + out->data.len + LWS_RX_SLACK);
	if (!padded)
		return LWS_ERR_NOMEM;
	if (out->data.len)
		memcpy(padded + LWS_RX_LEAD, out->data.p, out->data.len);
	out->data.p = padded + LWS_RX_LEAD;
	lws_free(*memory);
	*memory = padded;
	return 0;
}

/* An output without bytes matters only where it ends something. */
static int
deliver_end(struct libwebsocket *wsi, const struct lws_ext_piece *out)
{
	if (!out->last)
		return 0;
	if (wsi->u.ws.u.part || out->first || out->bits & LWS_FRAME_FIN)
		return lws_message_empty(wsi);
	return 0;
}

static int
deliver_whole(struct libwebsocket *wsi, struct lws_ext_piece *out)
{
	const struct lws_piece piece = {
		.data = out->data,
		.left = !out->last,
		.kind = out->kind,
		.bits = out->bits,
	};

	out->data.len = 0;
	return lws_message_collect(wsi, &piece);
}

/* Give the user what run->out has, as far as he wants it now. */
static int
deliver(struct libwebsocket *wsi, struct lws_ext_piece *out)
{
	struct lws_ws *ws = &wsi->u.ws;
	int rc = 0;

	lws_ws_note_frame(wsi, out->bits, out->kind);
	if (wsi->flags & LWS_WSI_WHOLE)
		return deliver_whole(wsi, out);
	ws->aside->more = !out->last;
	ws->plain = (uint32_t)out->data.len;
	if (!out->data.len)
		return deliver_end(wsi, out);
	while (ws->plain && rc >= 0 && !is_paused(wsi) &&
	       wsi->flags & LWS_WSI_OPEN)
		rc = lws_message_chunk(wsi, &out->data);
	ws->plain = 0;
	return rc;
}

/* Lay aside what a run has in hand, if it has. */
static int
lay_aside(struct libwebsocket *wsi, struct lws_ext_run *run)
{
	if (!run->out.data.len && !lws_run_more(run))
		return 0;
	if (!(wsi->flags & LWS_WSI_HOLDS))
		lws_rx_pause(wsi);
	return lws_run_hold(run);
}

/* Has this connection had its share of the turn? */
static void
account(struct libwebsocket *wsi, size_t made)
{
	struct lws_aside *aside = wsi->u.ws.aside;

	aside->made += made;
	if (aside->made < FAIR)
		return;
	aside->made = 0;
	lws_rx_pause(wsi);
}

/*
 * Pull a run of payload to its end, or until it has to wait.  What begins with
 * an output not yet delivered goes on with that.
 */
static int
pull_payload(struct libwebsocket *wsi, struct lws_ext_run *run, void **memory)
{
	bool waiting = run->out.data.len;
	int rc = 1;

	for (;;) {
		if (!waiting)
			rc = lws_run_next(run);
		/* an extension may have closed it, too */
		if (rc <= 0 || !(wsi->flags & LWS_WSI_OPEN))
			return rc;
		if (!waiting) {
			account(wsi, run->out.data.len);
			rc = begin_output(wsi, run, memory);
		}
		waiting = false;
		if (rc >= 0)
			rc = deliver(wsi, &run->out);
		if (rc < 0 || !(wsi->flags & LWS_WSI_OPEN))
			return rc;
		if (is_paused(wsi))
			return lay_aside(wsi, run);
		rc = 1;
	}
}

/* A frame of an opcode that RFC 6455 reserves is for an extension or for
 * nobody. */
static int
unknown_frame(struct libwebsocket *wsi, struct lws_span payload)
{
	struct lws_tokens tokens = { (char *)payload.p, (int)payload.len };

	return lws_ext_tell(chain_of(wsi), LWS_EXT_CALLBACK_EXTENDED_PAYLOAD_RX,
			    &tokens, 0) > 0
		       ? 0
		       : LWS_ERR_PROTOCOL;
}

static int
next_frame(struct libwebsocket *wsi, struct lws_span *in)
{
	struct lws_ws *ws = &wsi->u.ws;
	struct lws_ext_piece payload;
	struct lws_ext_run run;
	struct lws_piece piece;
	void *memory = NULL;
	int rc = ws->framer->next(&ws->rx, in, &piece);

	if (rc <= 0)
		return rc;
	if (!lws_opcode_known(piece.opcode))
		return unknown_frame(wsi, piece.data);
	if (piece.opcode & LWS_OP_CONTROL)
		return lws_control_rx(wsi, &piece);
	payload.data = piece.data;
	payload.opcode = piece.opcode;
	payload.kind = piece.kind;
	payload.bits = piece.bits;
	payload.first = piece.first;
	payload.last = !piece.left;
	payload.bare = false;
	lws_run_begin(&run, chain_of(wsi), LWS_EXT_RX, &payload);
	rc = pull_payload(wsi, &run, &memory);
	lws_free(memory);
	return rc;
}

static int
frames(struct libwebsocket *wsi, struct lws_span *in)
{
	int rc = 0;

	while (in->len && rc >= 0 && !is_paused(wsi))
		rc = wsi->flags & LWS_WSI_OPEN ? next_frame(wsi, in)
					       : lws_closing_frame(wsi, in);
	return rc;
}

/* ---- input: bytes ---- */

static int
pull_bytes(struct libwebsocket *wsi, struct lws_ext_run *run)
{
	int rc;

	for (;;) {
		rc = frames(wsi, &run->out.data);
		if (rc < 0)
			return rc;
		if (is_paused(wsi))
			return lay_aside(wsi, run);
		rc = lws_run_next(run);
		if (rc <= 0)
			return rc;
		account(wsi, run->out.data.len);
	}
}

/* Go on with the runs that were laid aside, the inner one first. */
static int
go_on(struct libwebsocket *wsi)
{
	struct lws_ext_chain *chain = chain_of(wsi);
	struct lws_ext_run run;
	void *memory, *first;
	int rc = 0;

	if (lws_run_resume(&run, chain, LWS_EXT_RX, &memory)) {
		first = memory;
		memory = NULL;
		if (wsi->flags & LWS_WSI_OPEN)
			rc = pull_payload(wsi, &run, &memory);
		lws_free(memory);
		lws_free(first);
	}
	if (rc < 0)
		return rc;
	/* the inner one came to its end, but what waits behind it must stay */
	if (is_paused(wsi) && chain->rx_bytes)
		lws_rx_pause(wsi);
	if (is_paused(wsi) ||
	    !lws_run_resume(&run, chain, LWS_EXT_RX_BYTES, &memory))
		return 0;
	rc = pull_bytes(wsi, &run);
	lws_free(memory);
	return rc;
}

static int
pull(struct libwebsocket *wsi, struct lws_span *in)
{
	struct lws_ext_chain *chain = chain_of(wsi);
	struct lws_ext_piece bytes = { .last = true };
	struct lws_ext_run run;
	int rc;

	if (chain->rx || chain->rx_bytes) {
		rc = go_on(wsi);
		if (rc < 0 || is_paused(wsi))
			return rc;
	}
	if (!in->len)
		return 0;
	wsi->u.ws.aside->made = 0;
	if (!lws_chain_goes(chain, LWS_EXT_RX_BYTES))
		return frames(wsi, in);
	bytes.data = lws_span_take(in, in->len);
	lws_run_begin(&run, chain, LWS_EXT_RX_BYTES, &bytes);
	return pull_bytes(wsi, &run);
}

/*
 * Output lies in memory that all connections share, and is delivered from
 * there: who is given input from inside a callback of another has to wait.
 */
int
lws_extended_rx(struct libwebsocket *wsi, struct lws_span *in)
{
	struct lws_loop *loop = wsi->loop;
	int rc;

	if (lws_unlikely(loop->ext_busy)) {
		lws_rx_pause(wsi);
		return 0;
	}
	loop->ext_busy = true;
	rc = pull(wsi, in);
	loop->ext_busy = false;
	return rc;
}

/* ---- output ---- */

/*
 * Extensions that are called about what is sent are in the middle of it: who
 * writes to the same connection from there is refused.
 */
static int
next_out(struct libwebsocket *wsi, struct lws_ext_run *run)
{
	struct lws_aside *aside = wsi->u.ws.aside;
	int rc;

	aside->sending = true;
	rc = lws_run_next(run);
	aside->sending = false;
	return rc;
}

int
lws_extended_frames(struct libwebsocket *wsi, struct lws_span payload,
		    unsigned kind, lws_frame_put *put, void *arg)
{
	static const uint8_t opcodes[] = {
		[LWS_WRITE_TEXT] = LWS_OP_TEXT,
		[LWS_WRITE_BINARY] = LWS_OP_BINARY,
		[LWS_WRITE_CONTINUATION] = LWS_OP_CONTINUATION,
	};
	const uint8_t fin = kind & LWS_WRITE_NO_FIN ? 0 : LWS_FRAME_FIN;
	const struct lws_ext_piece piece = {
		.data = payload,
		.opcode = opcodes[kind & 3],
		.bits = fin,
		.first = true,
		.last = true,
		.bare = kind & LWS_WRITE_NO_COMPRESS,
	};
	struct lws_frame_spec spec = { .opcode = piece.opcode };
	struct lws_ext_run run;
	int rc;

	if (wsi->u.ws.aside->sending)
		return LWS_ERR_UNSUPPORTED;
	lws_run_begin(&run, chain_of(wsi), LWS_EXT_TX, &piece);
	while ((rc = next_out(wsi, &run)) > 0) {
		spec.bits = run.out.bits & LWS_FRAME_RSV;
		if (!lws_run_more(&run))
			spec.bits |= fin;
		rc = put(wsi, &spec, run.out.data, arg);
		if (rc < 0)
			return rc;
		spec.opcode = LWS_OP_CONTINUATION;
	}
	return rc;
}

static int
queue(struct libwebsocket *wsi, struct lws_frame_spec *spec,
      struct lws_span payload, void *arg)
{
	const unsigned *kind = arg;

	return lws_ws_data_frame(wsi, spec, payload, *kind);
}

int
lws_extended_write(struct libwebsocket *wsi, struct lws_span payload,
		   unsigned kind)
{
	return lws_extended_frames(wsi, payload, kind, queue, &kind);
}

const struct lws_ext_config *
lws_extended_repeats(const struct libwebsocket *wsi)
{
	return lws_chain_repeats(chain_of(wsi));
}

bool
lws_extended_has_bytes(const struct libwebsocket *wsi)
{
	return lws_chain_goes(chain_of(wsi), LWS_EXT_TX_BYTES);
}

/* Some of it an extension may carry itself. */
static int
send_bytes(struct libwebsocket *wsi, struct lws_span bytes)
{
	struct lws_aside *aside = wsi->u.ws.aside;

	while (bytes.len) {
		int n;

		aside->sending = true;
		n = lws_ext_tell(aside->chain,
				 LWS_EXT_CALLBACK_PACKET_TX_DO_SEND, &bytes.p,
				 bytes.len);
		aside->sending = false;
		if (n < 0 || (size_t)n > bytes.len)
			return LWS_ERR_IO;
		if (!n)
			return lws_tx_add(wsi, bytes);
		lws_span_skip(&bytes, (size_t)n);
	}
	return 0;
}

int
lws_extended_bytes(struct libwebsocket *wsi, struct lws_span frame)
{
	const struct lws_ext_piece piece = { .data = frame, .last = true };
	struct lws_ext_run run;
	int rc;

	if (wsi->u.ws.aside->sending)
		return LWS_ERR_UNSUPPORTED;
	lws_run_begin(&run, chain_of(wsi), LWS_EXT_TX_BYTES, &piece);
	while ((rc = next_out(wsi, &run)) > 0) {
		rc = send_bytes(wsi, run.out.data);
		if (rc < 0)
			break;
	}
	return rc;
}

bool
lws_extended_keeps(const struct libwebsocket *wsi)
{
	return wsi->flags & LWS_WSI_EXTENDED &&
	       lws_ext_tell(chain_of(wsi),
			    LWS_EXT_CALLBACK_CHECK_OK_TO_REALLY_CLOSE, NULL,
			    0) > 0;
}

void
lws_extended_drain(struct libwebsocket *wsi)
{
	struct lws_span out;

	if (!(wsi->flags & LWS_WSI_EXTENDED))
		return;
	while (lws_ext_drain(chain_of(wsi), &out) > 0)
		if (send_bytes(wsi, out) < 0)
			return;
}

/* ---- the stage ---- */

static int
extended_writable(struct libwebsocket *wsi)
{
	lws_ext_tell(chain_of(wsi), LWS_EXT_CALLBACK_IS_WRITEABLE, NULL, 0);
	if (wsi->flags & LWS_WSI_END_ASKED)
		return LWS_ERR_USER;
	return wsi->flags & LWS_WSI_OPEN ? lws_ws_writable(wsi) : 0;
}

static bool
extended_asked(struct libwebsocket *wsi)
{
	return lws_ext_tell(chain_of(wsi),
			    LWS_EXT_CALLBACK_REQUEST_ON_WRITEABLE, NULL,
			    0) != 0;
}

const struct lws_stage_ops lws_stage_extended = {
	.rx = lws_extended_rx,
	.writable = extended_writable,
	.asked = extended_asked,
	.over = lws_ws_over,
	.leave = lws_ws_leave,
};
