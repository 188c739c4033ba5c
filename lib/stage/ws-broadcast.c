/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/ws-broadcast.c - one message to all connections of a protocol.
 *
 * Servers do not mask (RFC 6455 section 5.1), so to most connections a message
 * is the same bytes.  It is framed once for each form there is among them - the
 * framing of a version, with or without compression - and they share what came
 * of it.  Who has a form to himself is written to as ever: clients, which mask,
 * and extensions that remember what they have sent.
 *
 * The first message of a turn looks at every member and joins it to the bytes
 * of its form; those after it in the same turn are only added to these, unless
 * something has happened to a member.  So a burst costs the copying of its
 * frames, and a connection one chunk and one system call.
 *
 * Nothing may come between the fragments of a message (RFC 6455 section 5.4):
 * a connection that is amid one of its own gets what came meanwhile behind it.
 */
#include "stage/stages.h"

#include <limits.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "core/context.h"
#include "core/handle.h"
#include "core/protocol.h"
#include "core/share.h"

/* what a message may be besides its kind */
#define FLAGS (LWS_WRITE_NO_COMPRESS | LWS_WRITE_MAY_WAIT)

/* bytes a form begins with */
#define FIRST_SHARE 4096

/* one message being sent to those of a loop */
struct cast_run {
	struct lws_loop *loop;
	struct lws_cast *cast;
	struct libwebsocket *except;
	struct lws_span payload;
	unsigned kind;
	bool waits;		/* to be sent together with others */
	struct lws_news *news;	/* a copy, for who has to wait */
	unsigned reached;
	bool rest;		/* some are written to one by one */
};

/* ---- forms ---- */

static bool
same_deflate(const struct lws_ext_config *a, const struct lws_ext_config *b)
{
	return a->tx_bits == b->tx_bits && a->level == b->level &&
	       a->mem_level == b->mem_level && a->min_size == b->min_size;
}

static struct lws_form *
new_form(struct lws_cast *cast, const struct lws_framer_ops *framer,
	 const struct lws_ext_config *deflate)
{
	struct lws_form *form = lws_zalloc(sizeof(*form));

	if (!form)
		return NULL;
	form->framer = framer;
	form->deflates = deflate;
	if (deflate)
		form->deflate = *deflate;
	form->next = cast->forms;
	cast->forms = form;
	return form;
}

/* The form of what @wsi sends; NULL when that is its own alone. */
static struct lws_form *
form_of(struct lws_cast *cast, const struct libwebsocket *wsi)
{
	const struct lws_framer_ops *framer = wsi->u.ws.framer;
	const struct lws_ext_config *deflate = NULL;
	struct lws_form *form;

	if (wsi->flags & LWS_WSI_CLIENT ||
	    wsi->u.ws.tx.notes & (LWS_TX_AMID | LWS_TX_PART))
		return NULL;
	if (wsi->flags & LWS_WSI_EXTENDED) {
		deflate = lws_extended_repeats(wsi);
		if (!deflate)
			return NULL;
	}
	for (form = cast->forms; form; form = form->next)
		if (form->framer->head == framer->head &&
		    form->deflates == (deflate != NULL) &&
		    (!deflate || same_deflate(&form->deflate, deflate)))
			return form;
	return new_form(cast, framer, deflate);
}

static bool
deflates(const struct lws_form *form)
{
	return LWS_BUILT_EXTENSIONS && form->deflates;
}

/* Enough for a message of @len: a little more than what zlib makes at worst. */
static size_t
bound(const struct lws_form *form, size_t len)
{
	const size_t frame = LWS_FRAME_HEAD_MAX + LWS_FRAME_TAIL_MAX;

	return deflates(form) ? len + len / 4 + 256 : len + frame;
}

static bool
has_room(const struct lws_form *form, size_t need)
{
	return form->share && form->share->cap - form->share->len >= need;
}

/* Have room for @need bytes; what is there stays with those who send it. */
static int
make_room(struct lws_form *form, size_t need)
{
	size_t cap = FIRST_SHARE;

	if (form->share && form->share->refs == 1)
		form->share->len = 0;
	if (has_room(form, need))
		return 0;
	if (form->share)
		cap = 2 * form->share->cap;
	if (cap > LWS_SHARE_MAX)
		cap = LWS_SHARE_MAX;
	lws_share_unref(form->share);
	form->share = lws_share_new(cap < need ? need : cap);
	return form->share ? 0 : LWS_ERR_NOMEM;
}

/* One frame, behind what is there. */
static int
put_frame(struct libwebsocket *wsi, struct lws_frame_spec *spec,
	  struct lws_span payload, void *arg)
{
	const struct lws_form *form = arg;
	struct lws_share *share = form->share;
	struct lws_tx_frame tx = { 0 };
	uint8_t *to = share->data + share->len;
	int rc;

	(void)wsi;
	if (!has_room(form, payload.len + LWS_FRAME_HEAD_MAX +
				    LWS_FRAME_TAIL_MAX))
		return LWS_ERR_LIMIT;
	spec->len = payload.len;
	rc = form->framer->head(&tx, spec, to);
	if (rc < 0)
		return rc;
	to += rc;
	if (payload.len)
		memcpy(to, payload.p, payload.len);
	to += payload.len;
	if (form->framer->tail)
		to += form->framer->tail(&tx, to);
	share->len = (size_t)(to - share->data);
	return 0;
}

/* Frame the message in this form, with the help of @wsi that has it. */
static int
put_message(const struct cast_run *run, struct lws_form *form,
	    struct libwebsocket *wsi)
{
	const struct lws_framer_ops *framer = form->framer;
	struct lws_frame_spec spec = {
		.opcode = lws_ws_opcode(run->kind),
		.bits = LWS_FRAME_FIN,
	};
	int rc;

	if (framer->carries && !framer->carries(run->payload))
		return LWS_ERR_UNSUPPORTED;
	rc = make_room(form, bound(form, run->payload.len));
	if (rc < 0)
		return rc;
	form->at = form->share->len;
	rc = deflates(form) ? lws_extended_frames(wsi, run->payload, run->kind,
						  put_frame, form)
			    : put_frame(wsi, &spec, run->payload, form);
	if (rc < 0)
		form->share->len = form->at;
	return rc;
}

/* The same, once a message; 0 or why it could not be. */
static int
frame_once(struct cast_run *run, struct lws_form *form,
	   struct libwebsocket *wsi)
{
	if (form->serial == run->cast->serial)
		return form->rc;
	form->serial = run->cast->serial;
	form->rc = put_message(run, form, wsi);
	/* who has this form is written to one by one, and fails alone */
	if (form->rc < 0 && form->rc != LWS_ERR_UNSUPPORTED)
		run->rest = true;
	return form->rc;
}

/* ---- members ---- */

static bool
is_addressed(const struct cast_run *run, const struct libwebsocket *wsi)
{
	const uint32_t both = LWS_WSI_OPEN | LWS_WSI_END_ASKED;

	return (wsi->flags & both) == LWS_WSI_OPEN && wsi != run->except &&
	       !(wsi->u.ws.tx.notes & LWS_TX_MUTED);
}

/* The socket of @wsi takes nothing now: it is sent this one behind the rest. */
static void
queue_behind(struct cast_run *run, const struct lws_form *form,
	     struct libwebsocket *wsi)
{
	int rc = LWS_ERR_LIMIT;

	if (wsi->tx.queued <= lws_context_of(wsi)->tx_limit)
		rc = lws_share_queue(wsi, form->share, form->at);
	if (rc < 0) {
		lws_ws_failed(wsi, rc);
		return;
	}
	lws_handle_note(wsi);
	run->reached++;
}

/* Join @wsi to those who are sent what follows byte @at. */
static bool
join(const struct cast_run *run, struct lws_form *form,
     struct libwebsocket *wsi, size_t at)
{
	int rc = lws_share_join(wsi, form->share, at, run->waits);

	if (rc < 0) {
		lws_ws_failed(wsi, rc);
		return false;
	}
	form->sample = wsi;
	form->joined++;
	return true;
}

static void
look_at(struct cast_run *run, struct libwebsocket *wsi)
{
	struct lws_form *form;
	int rc;

	if (!is_addressed(run, wsi))
		return;
	form = form_of(run->cast, wsi);
	if (!form) {
		run->rest = run->cast->mixed = true;
		return;
	}
	rc = frame_once(run, form, wsi);
	if (rc < 0) {
		run->cast->mixed = true;
	} else if (wsi->flags & LWS_WSI_REFUSED) {
		run->cast->mixed = true;
		queue_behind(run, form, wsi);
	} else if (join(run, form, wsi, form->at)) {
		run->reached++;
	}
}

/* Who is left out this time may be addressed by the next message. */
static void
look_at_except(struct cast_run *run)
{
	struct libwebsocket *wsi = run->except;
	struct lws_form *form;

	run->except = NULL;
	if (is_addressed(run, wsi)) {
		form = form_of(run->cast, wsi);
		if (wsi->flags & LWS_WSI_REFUSED || !form ||
		    frame_once(run, form, wsi) < 0)
			run->cast->mixed = true;
		else
			join(run, form, wsi, form->share->len);
	}
	run->except = wsi;
}

/* Those who have the same bytes are joined to them. */
static void
look_at_all(struct cast_run *run)
{
	struct lws_cast *cast = run->cast;
	struct libwebsocket *wsi = NULL;
	struct lws_form *form;

	for (form = cast->forms; form; form = form->next)
		form->joined = 0;
	cast->mixed = false;
	while ((wsi = lws_protocol_next(run->loop, cast->protocol, wsi)))
		look_at(run, wsi);
	if (run->except)
		look_at_except(run);
	cast->seen = run->loop->shares->changes;
}

/* Has every form room for the message as it is? */
static bool
all_have_room(const struct cast_run *run)
{
	const struct lws_form *form;

	for (form = run->cast->forms; form; form = form->next)
		if (form->joined &&
		    !has_room(form, bound(form, run->payload.len)))
			return false;
	return true;
}

/* Is there one whose bytes are as many as may wait? */
static bool
is_full(const struct cast_run *run)
{
	const struct lws_form *form;

	for (form = run->cast->forms; form; form = form->next)
		if (form->share && form->share->refs > 1 &&
		    form->share->cap >= LWS_SHARE_MAX &&
		    !has_room(form, bound(form, run->payload.len)))
			return true;
	return false;
}

/* All who can be are joined: the message is only added. */
static void
add_to_all(struct cast_run *run)
{
	struct lws_form *form;

	for (form = run->cast->forms; form; form = form->next)
		if (form->joined && frame_once(run, form, form->sample) >= 0)
			run->reached += form->joined;
}

/* ... but for @except, which is joined: it is left out, and joined again. */
static void
add_but_one(struct cast_run *run, struct libwebsocket *except)
{
	struct lws_form *form = form_of(run->cast, except);

	lws_share_close(except);
	add_to_all(run);
	form->joined--;
	if (form->rc >= 0)
		run->reached--;
	if (join(run, form, except, form->share->len))
		run->cast->seen = run->loop->shares->changes;
}

/* ---- one by one ---- */

/* A form that could not be made, or none: 0 when @wsi has had it. */
static bool
is_left(const struct cast_run *run, const struct libwebsocket *wsi)
{
	const struct lws_form *form;

	if (!is_addressed(run, wsi))
		return false;
	form = form_of(run->cast, wsi);
	return !form || (form->serial == run->cast->serial && form->rc < 0 &&
			 form->rc != LWS_ERR_UNSUPPORTED);
}

static void
write_alone(struct libwebsocket *wsi, void *arg)
{
	struct cast_run *run = arg;
	int rc;

	if (!is_left(run, wsi))
		return;
	if (!(wsi->u.ws.tx.notes & (LWS_TX_AMID | LWS_TX_PART))) {
		if (lws_ws_whole(wsi, run->payload, run->kind) >= 0)
			run->reached++;
		return;
	}
	if (!run->news)
		run->news = lws_news_new(run->payload, run->kind, 0);
	rc = lws_news_hold(wsi, run->news);
	if (rc < 0)
		lws_ws_failed(wsi, rc);
	else
		run->reached++;
}

/* ---- all of it ---- */

static struct lws_cast *
cast_of(struct lws_loop *loop, unsigned protocol)
{
	struct lws_shares *shares = lws_shares_need(loop);
	struct lws_cast *cast;

	if (!shares)
		return NULL;
	for (cast = shares->casts; cast; cast = cast->next)
		if (cast->protocol == protocol)
			return cast;
	cast = lws_zalloc(sizeof(*cast));
	if (!cast)
		return NULL;
	cast->protocol = protocol;
	cast->mixed = true;
	cast->next = shares->casts;
	shares->casts = cast;
	return cast;
}

/* A message of any size does not keep more than others do. */
static void
let_go_of_large(struct lws_cast *cast)
{
	struct lws_form *form;

	for (form = cast->forms; form; form = form->next) {
		if (!form->share || form->share->cap <= LWS_SHARE_MAX)
			continue;
		lws_share_unref(form->share);
		form->share = NULL;
		cast->mixed = true;
	}
}

static void
send_shared(struct cast_run *run)
{
	const struct lws_cast *cast = run->cast;
	struct libwebsocket *except = run->except;
	const bool easy = !cast->mixed &&
			  cast->seen == run->loop->shares->changes &&
			  all_have_room(run);

	if (easy && !except) {
		add_to_all(run);
	} else if (easy && lws_share_is_open(except)) {
		add_but_one(run, except);
	} else {
		if (except)
			lws_share_close(except);
		if (is_full(run)) {
			lws_shares_hurry(run->loop->shares);
			lws_tx_flush_early(run->loop);
		}
		look_at_all(run);
	}
}

/*
 * Send to the members on @run->loop, by its thread; how many @run has reached,
 * or -1.  Takes @run->news.
 */
static int
send_here(struct cast_run *run, unsigned protocol)
{
	run->cast = cast_of(run->loop, protocol);
	if (run->cast) {
		run->waits = run->kind & LWS_WRITE_MAY_WAIT;
		if (run->waits)
			lws_shares_wait(run->loop->shares);
		else
			lws_shares_hurry(run->loop->shares);
		run->cast->serial++;
		send_shared(run);
		if (run->rest)
			lws_protocol_visit(run->loop, protocol, write_alone,
					   run);
		let_go_of_large(run->cast);
	}
	lws_news_unref(run->news);
	if (!run->loop->in_turn)
		lws_tx_flush_early(run->loop);
	return run->cast ? (int)run->reached : -1;
}

/* ---- other threads ---- */

/* From another thread: the copy that came is for who has to wait, too. */
static void
deliver(struct lws_loop *loop, struct lws_mail *mail)
{
	struct lws_news *news =
		lws_container_of(mail, struct lws_news_mail, mail)->news;
	struct cast_run run = {
		.loop = loop,
		.payload = news->payload,
		.kind = news->kind,
		.news = news,
	};

	if (loop->destroying)
		lws_news_unref(news);
	else if (send_here(&run, news->protocol) < 0)
		lwsl_err("out of memory: a broadcast is lost\n");
}

LWS_VISIBLE int
lws_broadcast_message(const struct libwebsocket_protocols *protocol,
		      struct libwebsocket *except, const unsigned char *buf,
		      size_t len, enum libwebsocket_write_protocol kind)
{
	struct libwebsocket_context *context = protocol->owning_server;
	const unsigned index = (unsigned)protocol->protocol_index;
	struct cast_run run = {
		.payload = lws_span(buf, len),
		.kind = (unsigned)kind,
	};
	unsigned n;
	int rc = 0;

	if ((run.kind & ~(unsigned)FLAGS) > LWS_WRITE_BINARY || len > INT_MAX)
		return -1;
	if (lws_news_send(protocol, run.payload, run.kind, deliver) < 0)
		return -1;
	/* one loop is the calling thread's, as a rule */
	for (n = 0; n < context->count_loops && rc >= 0; n++) {
		run.loop = &context->loops[n];
		if (run.loop->destroying || lws_loop_other_thread(run.loop))
			continue;
		run.except = except && except->loop == run.loop &&
			     except->protocol == protocol ? except : NULL;
		run.news = NULL;
		run.rest = false;
		rc = send_here(&run, index);
	}
	return rc;
}

LWS_VISIBLE void
lws_broadcast_mute(struct libwebsocket *wsi, int mute)
{
	uint8_t *notes = &wsi->u.ws.tx.notes;

	if (!(wsi->flags & LWS_WSI_OPEN))
		return;
	lws_share_close(wsi);
	*notes = (uint8_t)(mute ? *notes | LWS_TX_MUTED
				: *notes & ~LWS_TX_MUTED);
	lws_share_changes(wsi->loop);
}
