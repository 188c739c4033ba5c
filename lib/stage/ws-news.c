/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/ws-news.c - a message for all, as the application gave it.
 *
 * A copy is made where the message cannot be framed at once: for the loops of
 * other threads, each of which frames it for its own connections, and for
 * connections that are amid a message in fragments, behind which it goes.  All
 * of them share the copy.
 */
#include "stage/stages.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/size.h"
#include "core/context.h"
#include "core/share.h"

struct lws_held {
	struct lws_held *next;
	struct lws_news *news;
};

struct lws_news *
lws_news_new(struct lws_span payload, unsigned kind, unsigned mails)
{
	const size_t head = sizeof(struct lws_news) +
			    mails * sizeof(struct lws_news_mail);
	struct lws_news *news;
	size_t size;

	if (!lws_add_ok(head, payload.len, &size))
		return NULL;
	news = lws_alloc(size);
	if (!news)
		return NULL;
	news->refs = mails ? mails : 1;
	news->kind = kind;
	news->payload = lws_span(news->mails + mails, payload.len);
	if (payload.len)
		memcpy(news->payload.p, payload.p, payload.len);
	return news;
}

void
lws_news_unref(struct lws_news *news)
{
	if (news && !__atomic_sub_fetch(&news->refs, 1, __ATOMIC_ACQ_REL))
		lws_free(news);
}

/* Where the next one goes, and the bytes of those that are there. */
static struct lws_held **
end_of(struct lws_aside *aside, size_t *bytes)
{
	struct lws_held **at = &aside->held;

	for (*bytes = 0; *at; at = &(*at)->next)
		*bytes += (*at)->news->payload.len;
	return at;
}

int
lws_news_hold(struct libwebsocket *wsi, struct lws_news *news)
{
	struct lws_aside *aside = lws_need_aside(wsi);
	struct lws_held **at, *held;
	size_t waiting;

	if (!aside || !news)
		return LWS_ERR_NOMEM;
	at = end_of(aside, &waiting);
	if (waiting + lws_tx_waiting(wsi) > lws_context_of(wsi)->tx_limit)
		return LWS_ERR_LIMIT;
	held = lws_alloc(sizeof(*held));
	if (!held)
		return LWS_ERR_NOMEM;
	held->next = NULL;
	held->news = news;
	__atomic_add_fetch(&news->refs, 1, __ATOMIC_RELAXED);
	*at = held;
	return 0;
}

/* The first that waits, to be unreferenced; NULL when none does. */
static struct lws_news *
take(struct lws_aside *aside)
{
	struct lws_held *held = aside ? aside->held : NULL;
	struct lws_news *news;

	if (!held)
		return NULL;
	news = held->news;
	aside->held = held->next;
	lws_free(held);
	return news;
}

int
lws_held_send(struct libwebsocket *wsi)
{
	struct lws_news *news;
	int rc = 0;

	while (rc >= 0 && (news = take(wsi->u.ws.aside))) {
		/* what the version cannot carry is not its end */
		lws_ws_whole(wsi, news->payload, news->kind);
		rc = wsi->flags & LWS_WSI_END_ASKED ? LWS_ERR_USER : 0;
		lws_news_unref(news);
	}
	return rc;
}

void
lws_held_free(struct lws_aside *aside)
{
	struct lws_news *news;

	while ((news = take(aside)))
		lws_news_unref(news);
}

/* ---- to other threads ---- */

static void
drop(struct lws_mail *mail)
{
	lws_news_unref(
		lws_container_of(mail, struct lws_news_mail, mail)->news);
}

static unsigned
count_others(const struct libwebsocket_context *context)
{
	unsigned n, count = 0;

	for (n = 0; n < context->count_loops; n++)
		count += lws_loop_other_thread(&context->loops[n]);
	return count;
}

int
lws_news_send(const struct libwebsocket_protocols *protocol,
	      struct lws_span payload, unsigned kind,
	      void (*deliver)(struct lws_loop *, struct lws_mail *))
{
	struct libwebsocket_context *context = protocol->owning_server;
	unsigned n, count = count_others(context);
	struct lws_news_mail *letter;
	struct lws_news *news;

	if (!count)
		return 0;
	news = lws_news_new(payload, kind, count);
	if (!news)
		return LWS_ERR_NOMEM;
	news->protocol = (unsigned)protocol->protocol_index;
	letter = news->mails;
	for (n = 0; n < context->count_loops && count; n++) {
		struct lws_loop *loop = &context->loops[n];

		if (!lws_loop_other_thread(loop))
			continue;
		letter->mail.deliver = deliver;
		letter->mail.drop = drop;
		letter->news = news;
		lws_mailbox_send(loop, &letter++->mail);
		count--;
	}
	return 0;
}
