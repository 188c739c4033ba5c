/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/extended.c - agreeing on extensions (RFC 6455 section 9.1), and
 * telling those an application brings what becomes of their connections.
 *
 * The array of the context is the order of preference, on a client that of its
 * offers, too.  Of those that deflate one is active at most.
 */
#include "stage/client.h"

#include <time.h>

#include "base/alloc.h"
#include "core/context.h"
#include "core/user.h"
#include "ext/callback.h"
#include "ext/negotiate.h"
#include "ext/pool.h"

/* what an offer may take beside its name: bytes */
#define PARAMETERS_MAX 160

/* entries of the array that a client can remember having offered */
#define OFFERS_MAX 64

static struct lws_ext_about
about(struct libwebsocket *wsi)
{
	struct lws_ext_about a = { lws_context_of(wsi), wsi,
				   lws_user_extension };

	return a;
}

static const struct lws_ext_ops *
ops_of(const struct libwebsocket_extension *ext)
{
	const struct lws_ext_ops *ops = lws_ext_builtin(ext);

	return ops ? ops : &lws_ext_callback_ops;
}

/* ---- the context ---- */

static bool
in_range(int value, int low, int high)
{
	return !value || (value >= low && value <= high);
}

static int
check_options(const struct lws_deflate_options *o)
{
	const unsigned both = LWS_DEFLATE_KEEP | LWS_DEFLATE_RESET;

	if (in_range(o->level, 1, 9) && in_range(o->mem_level, 1, 9) &&
	    in_range(o->window_bits, 9, 15) &&
	    in_range(o->peer_window_bits, 9, 15) && (o->flags & both) != both &&
	    !(o->flags &
	      ~(both | LWS_DEFLATE_PEER_RESET | LWS_DEFLATE_NO_SHARE)))
		return 0;
	lwsl_err("deflate options out of range: level and mem_level are 1 to "
		 "9, windows 9 to 15, KEEP and RESET exclude each other\n");
	return -1;
}

/* Whoever is told may end others, not himself: that waits for the turn. */
static void
each_second(struct lws_loop *loop)
{
	/* theirs is the time of day, whatever the loop counts in */
	const size_t now = (size_t)time(NULL);
	struct lws_list told, *item;

	lws_list_init(&told);
	lws_list_move(&loop->seconds, &told);
	while ((item = lws_list_pop(&told))) {
		const struct lws_aside *aside =
			lws_container_of(item, struct lws_aside, second);

		lws_list_add(&loop->seconds, item);
		lws_ext_tell(aside->chain, LWS_EXT_CALLBACK_1HZ, NULL, now);
	}
}

int
lws_extended_open(struct libwebsocket_context *context,
		  const struct lws_context_creation_info *info)
{
	unsigned n;

	if (check_options(&info->deflate) < 0)
		return -1;
	context->extensions = info->extensions;
	context->deflate = info->deflate;
	if (!context->extensions)
		return 0;
	context->each_second = each_second;
	for (n = 0; n < context->count_loops; n++) {
		context->loops[n].ext = lws_ext_pool_new();
		if (context->loops[n].ext)
			continue;
		lwsl_err("out of memory: no extensions\n");
		return -1;
	}
	return 0;
}

int
lws_extended_announce(struct libwebsocket_context *context)
{
	const struct lws_ext_about a = { context, NULL, NULL };

	if (lws_ext_tell_all(
		    &a, context->extensions, NULL,
		    context->listens
			    ? LWS_EXT_CALLBACK_SERVER_CONTEXT_CONSTRUCT
			    : LWS_EXT_CALLBACK_CLIENT_CONTEXT_CONSTRUCT,
		    NULL, 0) >= 0)
		return 0;
	lwsl_err("an extension refused the context\n");
	return -1;
}

void
lws_extended_withdraw(struct libwebsocket_context *context)
{
	const struct lws_ext_about a = { context, NULL, NULL };

	lws_ext_tell_all(&a, context->extensions, NULL,
			 context->listens
				 ? LWS_EXT_CALLBACK_SERVER_CONTEXT_DESTRUCT
				 : LWS_EXT_CALLBACK_CLIENT_CONTEXT_DESTRUCT,
			 NULL, 0);
}

void
lws_extended_close(struct libwebsocket_context *context)
{
	unsigned n;

	for (n = 0; n < context->count_loops; n++) {
		lws_ext_pool_free(context->loops[n].ext);
		context->loops[n].ext = NULL;
	}
}

/* ---- both roles ---- */

/* @ext as agreed on in @config joins the chain; 0, or why it cannot. */
static int
join(struct libwebsocket *wsi, struct libwebsocket_extension *ext,
     const struct lws_ext_config *config, struct lws_ext_chain **chain)
{
	const struct lws_ext_ops *ops = ops_of(ext);
	const struct lws_ext_about a = about(wsi);
	void *state = ops == &lws_ext_callback_ops
			      ? lws_ext_callback_open(&a, ext)
			      : ops->open(config, wsi->loop->ext);

	return state ? lws_chain_add(chain, ops, state) : LWS_ERR_NOMEM;
}

/* Does one that deflates stand in the way of @ops, or this one itself? */
static bool
is_excluded(const struct lws_ext_chain *chain, const struct lws_ext_ops *ops)
{
	unsigned n;

	if (!chain)
		return false;
	if (chain->count >= LWS_MAX_EXTENSIONS_ACTIVE)
		return true;
	for (n = 0; n < chain->count; n++)
		if (ops->deflate && chain->links[n].ops->deflate)
			return true;
	return false;
}

/* The @n-th field of the name, as long as there is one. */
static bool
next_field(const struct libwebsocket *wsi, size_t n, struct lws_span *list)
{
	*list = lws_block_nth(wsi->u.block, WSI_TOKEN_EXTENSIONS, n);
	return n < lws_block_count(wsi->u.block, WSI_TOKEN_EXTENSIONS);
}

/* What keeps @chain, which is taken; NULL for none, or *@rc says why. */
static struct lws_aside *
keep(struct lws_ext_chain *chain, int *rc)
{
	struct lws_aside *aside = NULL;

	if (*rc >= 0 && chain) {
		aside = lws_zalloc(sizeof(*aside));
		if (!aside)
			*rc = LWS_ERR_NOMEM;
	}
	if (!aside) {
		lws_chain_free(chain);
		return NULL;
	}
	aside->chain = chain;
	lws_list_init(&aside->second);
	return aside;
}

void
lws_extended_abandon(struct lws_aside *aside)
{
	if (!aside)
		return;
	lws_chain_free(aside->chain);
	lws_free(aside);
}

void
lws_extended_begin(struct libwebsocket *wsi, struct lws_aside *aside)
{
	if (!aside)
		return;
	wsi->u.ws.aside = aside;
	if (lws_chain_has(aside->chain, &lws_ext_callback_ops)) {
		lws_list_add(&wsi->loop->seconds, &aside->second);
		wsi->u.ws.rx.any_opcode = true;
	}
	wsi->u.ws.rx.rsv = lws_chain_rsv(aside->chain);
	wsi->flags |= LWS_WSI_EXTENDED | LWS_WSI_SHAPED_TX;
	wsi->flags &= ~(uint32_t)LWS_WSI_PARTIAL_TX;
	wsi->stage = &lws_stage_extended;
}

void
lws_extended_leave(struct libwebsocket *wsi)
{
	struct lws_aside *aside = wsi->u.ws.aside;

	if (!(wsi->flags & LWS_WSI_EXTENDED) || !aside)
		return;
	lws_list_del(&aside->second);
	lws_chain_free(aside->chain);
	aside->chain = NULL;
	wsi->flags &= ~(uint32_t)LWS_WSI_EXTENDED;
}

static const struct lws_ext_chain *
chain_of(const struct libwebsocket *wsi)
{
	return wsi->flags & LWS_WSI_EXTENDED ? wsi->u.ws.aside->chain : NULL;
}

void
lws_extended_established(struct libwebsocket *wsi)
{
	const struct lws_ext_about a = about(wsi);

	lws_ext_tell_all(&a, a.context->extensions, chain_of(wsi),
			 LWS_EXT_CALLBACK_ANY_WSI_ESTABLISHED, NULL, 0);
}

void
lws_extended_over(struct libwebsocket *wsi)
{
	const struct lws_ext_about a = about(wsi);

	lws_extended_leave(wsi);
	lws_ext_tell_all(&a, a.context->extensions, NULL,
			 LWS_EXT_CALLBACK_DESTROY_ANY_WSI_CLOSING, NULL, 0);
}

/* ---- a server ---- */

/* May @ext be active?  The application is asked, then the extension. */
static bool
is_welcome(struct libwebsocket *wsi, struct libwebsocket_extension *ext)
{
	/* it is let to see the name, not to change it */
	return !lws_user_first(wsi, LWS_CALLBACK_CONFIRM_EXTENSION_OKAY,
			       (void *)(uintptr_t)ext->name, 0);
}

static int
construct(const struct lws_ext_chain *chain,
	  enum libwebsocket_extension_callback_reasons reason)
{
	const struct lws_ext_link *last = &chain->links[chain->count - 1];

	if (last->ops != &lws_ext_callback_ops)
		return 0;
	return lws_ext_callback_call(last->state, reason, NULL, 0);
}

/* Accept @offer of @ext if that can be: 1, 0, or an enum lws_err. */
static int
accept_offer(struct libwebsocket *wsi, struct libwebsocket_extension *ext,
	     const struct lws_ext_offer *offer, struct lws_buf *answer,
	     struct lws_ext_chain **chain)
{
	const struct lws_ext_ops *ops = ops_of(ext);
	struct lws_ext_config config = { 0 };
	struct lws_buf before = *answer;
	int rc;

	if (answer->len)
		lws_buf_puts(answer, ", ");
	lws_buf_puts(answer, ext->name);
	rc = ops->accept ? ops->accept(&lws_context_of(wsi)->deflate, offer,
				       answer, &config)
			 : !offer->count;
	if (rc <= 0 || !lws_buf_ok(answer) || !is_welcome(wsi, ext)) {
		*answer = before;
		return rc < 0 ? rc : 0;
	}
	rc = join(wsi, ext, &config, chain);
	if (rc < 0)
		return rc;
	if (!construct(*chain, LWS_EXT_CALLBACK_CONSTRUCT))
		return 1;
	lws_chain_drop_last(*chain);
	*answer = before;
	return 0;
}

/* The first acceptable one of the offers that name @ext. */
static int
accept_first(struct libwebsocket *wsi, struct libwebsocket_extension *ext,
	     struct lws_buf *answer, struct lws_ext_chain **chain)
{
	struct lws_ext_offer offer;
	struct lws_span list;
	size_t n;
	int rc;

	for (n = 0; next_field(wsi, n, &list); n++)
		while ((rc = lws_ext_next(&list, &offer)) > 0) {
			if (!lws_span_eq(offer.name, ext->name))
				continue;
			rc = accept_offer(wsi, ext, &offer, answer, chain);
			if (rc)
				return rc;
		}
	return 0;
}

/* The whole list is read once before anything is taken from it. */
static int
check_grammar(const struct libwebsocket *wsi)
{
	struct lws_ext_offer offer;
	struct lws_span list;
	size_t n;
	int rc;

	for (n = 0; next_field(wsi, n, &list); n++) {
		do
			rc = lws_ext_next(&list, &offer);
		while (rc > 0);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void
log_agreed(const struct libwebsocket *wsi, struct lws_span text)
{
	/* for builds without these lines */
	(void)wsi;
	(void)text;
	lwsl_info("extensions agreed on with %s: %.*s\n",
		  wsi->flags & LWS_WSI_CLIENT ? "the server" : "a client",
		  (int)text.len, (const char *)text.p);
}

int
lws_extended_accept(struct libwebsocket *wsi, struct lws_buf *answer,
		    struct lws_aside **aside)
{
	struct libwebsocket_extension *ext = lws_context_of(wsi)->extensions;
	struct lws_ext_chain *chain = NULL;
	int rc = check_grammar(wsi);

	for (; ext && ext->callback && rc >= 0; ext++)
		if (!is_excluded(chain, ops_of(ext)))
			rc = accept_first(wsi, ext, answer, &chain);
	*aside = keep(chain, &rc);
	if (rc < 0)
		return rc;
	if (answer->len)
		log_agreed(wsi, lws_buf_written(answer));
	return 0;
}

bool
lws_extended_reply(struct libwebsocket *wsi, const struct lws_aside *aside,
		   struct lws_span head)
{
	(void)wsi;
	return !aside ||
	       !lws_ext_tell(aside->chain, LWS_EXT_CALLBACK_HANDSHAKE_REPLY_TX,
			     head.p, head.len);
}

/* ---- a client ---- */

size_t
lws_extended_offer_room(const struct libwebsocket *wsi)
{
	const struct libwebsocket_extension *ext =
		lws_context_of(wsi)->extensions;
	size_t room = sizeof("Sec-WebSocket-Extensions: \r\n");

	for (; ext && ext->callback; ext++)
		room += strlen(ext->name) + PARAMETERS_MAX;
	return room;
}

/* Nobody minds that @ext is offered. */
static bool
is_proposed(struct libwebsocket *wsi, struct libwebsocket_extension *ext)
{
	const struct lws_ext_about a = about(wsi);
	const struct lws_ext_ops *ops = ops_of(ext);
	void *name = (void *)(uintptr_t)ext->name;

	if (!ops->offered ||
	    lws_ext_tell_all(&a, a.context->extensions, NULL,
			     LWS_EXT_CALLBACK_CHECK_OK_TO_PROPOSE_EXTENSION,
			     name, 0))
		return false;
	return !lws_user_first(
		wsi, LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED, name, 0);
}

void
lws_extended_offer(struct libwebsocket *wsi, struct lws_buf *out)
{
	struct libwebsocket_context *context = lws_context_of(wsi);
	struct lws_client_request *r = wsi->u.client.request;
	struct libwebsocket_extension *ext = context->extensions;
	unsigned n;

	r->offered = 0;
	for (n = 0; ext && ext->callback && n < OFFERS_MAX; ext++, n++) {
		const struct lws_ext_ops *ops = ops_of(ext);

		if (!is_proposed(wsi, ext))
			continue;
		lws_buf_puts(out,
			     r->offered ? ", " : "Sec-WebSocket-Extensions: ");
		lws_buf_puts(out, ext->name);
		if (ops->offer)
			ops->offer(&context->deflate, out);
		r->offered |= (uint64_t)1 << n;
	}
	if (r->offered)
		lws_buf_puts(out, "\r\n");
}

/* The entry that @name means, if it was offered. */
static struct libwebsocket_extension *
find_offered(const struct libwebsocket *wsi, struct lws_span name)
{
	const struct lws_client_request *r = wsi->u.client.request;
	struct libwebsocket_extension *ext = lws_context_of(wsi)->extensions;
	unsigned n;

	for (n = 0; ext && ext->callback && n < OFFERS_MAX; ext++, n++)
		if (r->offered >> n & 1 && lws_span_eq(name, ext->name))
			return ext;
	return NULL;
}

/* One extension of the answer. */
static int
confirm_one(struct libwebsocket *wsi, const struct lws_ext_offer *answer,
	    struct lws_ext_chain **chain, const char **why)
{
	struct lws_client_request *r = wsi->u.client.request;
	struct libwebsocket_extension *ext = find_offered(wsi, answer->name);
	struct lws_ext_config config = { .client = true };
	int rc;

	*why = "server chose an extension that was not offered";
	if (!ext)
		return LWS_ERR_PROTOCOL;
	*why = "server chose extensions that exclude each other";
	if (is_excluded(*chain, ops_of(ext)))
		return LWS_ERR_PROTOCOL;
	/* a second time it counts as not offered */
	r->offered &= ~((uint64_t)1 << (ext - lws_context_of(wsi)->extensions));
	*why = "server answered with parameters that were not offered";
	rc = ops_of(ext)->confirm
		     ? ops_of(ext)->confirm(&lws_context_of(wsi)->deflate,
					    answer, &config, why)
		     : 0;
	if (rc < 0 || (!ops_of(ext)->confirm && answer->count))
		return LWS_ERR_PROTOCOL;
	*why = "out of memory";
	rc = join(wsi, ext, &config, chain);
	if (rc < 0)
		return rc;
	*why = "refused by an extension";
	return construct(*chain, LWS_EXT_CALLBACK_CLIENT_CONSTRUCT)
		       ? LWS_ERR_USER
		       : 0;
}

static int
confirm_all(struct libwebsocket *wsi, struct lws_ext_chain **chain,
	    const char **why)
{
	struct lws_ext_offer answer;
	struct lws_span list;
	size_t n;
	int rc = 0;

	for (n = 0; next_field(wsi, n, &list); n++) {
		while ((rc = lws_ext_next(&list, &answer)) > 0) {
			rc = confirm_one(wsi, &answer, chain, why);
			if (rc < 0)
				return rc;
		}
		if (rc < 0) {
			*why = "malformed Sec-WebSocket-Extensions";
			return rc;
		}
	}
	return 0;
}

int
lws_extended_confirm(struct libwebsocket *wsi, struct lws_aside **aside,
		     const char **why)
{
	struct lws_ext_chain *chain = NULL;
	struct lws_span list;
	size_t n;
	int rc = confirm_all(wsi, &chain, why);

	*aside = keep(chain, &rc);
	if (rc == LWS_ERR_NOMEM)
		*why = "out of memory";
	if (rc < 0)
		return rc;
	for (n = 0; next_field(wsi, n, &list); n++)
		log_agreed(wsi, list);
	return 0;
}

bool
lws_extended_connects(struct libwebsocket *wsi, const char *address, int port)
{
	const struct lws_ext_about a = about(wsi);

	return lws_ext_tell_all(&a, a.context->extensions, NULL,
				LWS_EXT_CALLBACK_CAN_PROXY_CLIENT_CONNECTION,
				(void *)(uintptr_t)address, (size_t)port) > 0;
}
