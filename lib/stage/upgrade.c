/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/upgrade.c - a request becomes a WebSocket (RFC 6455 section 4.2).
 *
 * Version and subprotocol are chosen, the application is asked, the answer is
 * queued; whatever is wrong gets its HTTP status before anything is promised.
 */
#include "stage/stages.h"

#include "base/buf.h"
#include "core/context.h"
#include "core/protocol.h"
#include "core/user.h"

/* room for the answer but for the subprotocol's name */
#define ANSWER_MAX 512

/* the highest number that stands for itself in its field */
#define VERSION_MAX 13

static int
version_refused(struct libwebsocket *wsi)
{
	char fields[128];
	struct lws_buf out;

	lws_buf_init(&out, fields, sizeof(fields) - 1);
	lws_reply_field(&out, "Upgrade", "websocket");
	lws_reply_field(&out, "Sec-WebSocket-Version", lws_wire_versions());
	fields[out.len] = '\0';
	return lws_http_refuse(wsi, 426, fields);
}

/* Version 76 has no field of its own to be known by, but two keys. */
static const struct lws_wire *
find_76(const struct lws_block *b)
{
	if (!lws_block_count(b, WSI_TOKEN_KEY1) ||
	    !lws_block_count(b, WSI_TOKEN_KEY2))
		return NULL;
	return lws_wire_find(LWS_WIRE_76);
}

/* The version asked for, a plain decimal number given once; NULL if none. */
static const struct lws_wire *
find_wire(const struct lws_block *b)
{
	struct lws_span text = lws_block_nth(b, WSI_TOKEN_VERSION, 0);
	uint64_t version;

	if (!lws_block_count(b, WSI_TOKEN_VERSION))
		return find_76(b);
	if (lws_block_count(b, WSI_TOKEN_VERSION) != 1 ||
	    !lws_span_number(text, &version) || version > VERSION_MAX ||
	    (text.len > 1 && text.p[0] == '0'))
		return NULL;
	return version ? lws_wire_find((int)version) : find_76(b);
}

/* The path as it was sent, and what follows it from '?' on. */
static struct lws_span
whole_target(const struct lws_block *b)
{
	struct lws_span path = lws_block_nth(b, WSI_TOKEN_GET_URI, 0);
	struct lws_span args = lws_block_nth(b, WSI_TOKEN_HTTP_URI_ARGS, 0);

	if (lws_block_count(b, WSI_TOKEN_HTTP_URI_ARGS))
		path.len = (size_t)(args.p + args.len - path.p);
	return path;
}

static struct lws_handshake
facts(const struct libwebsocket *wsi)
{
	const struct lws_block *b = wsi->u.block;
	struct lws_handshake hs = {
		.host = lws_block_nth(b, WSI_TOKEN_HOST, 0),
		.target = whole_target(b),
		.origin = lws_block_nth(b, WSI_TOKEN_ORIGIN, 0),
		.key = lws_block_nth(b, WSI_TOKEN_KEY, 0),
		.key1 = lws_block_nth(b, WSI_TOKEN_KEY1, 0),
		.key2 = lws_block_nth(b, WSI_TOKEN_KEY2, 0),
		.body = lws_block_nth(b, WSI_TOKEN_CHALLENGE, 0),
	};

	return hs;
}

/* Who asks for no subprotocol gets the nameless one, else the first. */
static const struct libwebsocket_protocols *
default_protocol(const struct libwebsocket_context *context)
{
	unsigned n;

	for (n = 0; n < context->count_protocols; n++)
		if (!context->protocols[n].name)
			return &context->protocols[n];
	return &context->protocols[0];
}

/*
 * The first of the names in @list that we have; *@name is it, byte for byte.
 * Old clients part them with blanks, which no name has.
 */
static const struct libwebsocket_protocols *
first_known(struct libwebsocket_context *context, struct lws_span list,
	    bool blanks, struct lws_span *name)
{
	const struct libwebsocket_protocols *found;
	struct lws_span member;

	while (lws_list_next(&list, &member))
		while (member.len) {
			*name = blanks ? lws_span_take_until(&member, ' ')
				       : lws_span_take(&member, member.len);
			found = lws_protocol_find(context, *name);
			if (name->len && found)
				return found;
		}
	return NULL;
}

/*
 * The subprotocol chosen; *@name is empty when the client named none.  NULL:
 * none of those it named.
 */
static const struct libwebsocket_protocols *
choose_protocol(const struct libwebsocket *wsi, bool blanks,
		struct lws_span *name)
{
	struct libwebsocket_context *context = lws_context_of(wsi);
	const struct lws_block *b = wsi->u.block;
	const struct libwebsocket_protocols *found;
	size_t n;

	*name = lws_span(NULL, 0);
	for (n = 0; n < lws_block_count(b, WSI_TOKEN_PROTOCOL); n++) {
		found = first_known(context,
				    lws_block_nth(b, WSI_TOKEN_PROTOCOL, n),
				    blanks, name);
		if (found)
			return found;
	}
	/* one that was looked for is left there */
	return name->p ? NULL : default_protocol(context);
}

/* A kept connection that was plain HTTP so far ends that life first. */
static int
bind_to(struct libwebsocket *wsi, const struct libwebsocket_protocols *protocol)
{
	if (wsi->flags & LWS_WSI_HTTP_TOLD)
		lws_user_first(wsi, LWS_CALLBACK_CLOSED_HTTP, NULL, 0);
	wsi->flags &= ~(uint32_t)LWS_WSI_HTTP_TOLD;
	lws_wsi_free_space(wsi);
	lws_wsi_bind(wsi, protocol);
	return lws_wsi_make_space(wsi);
}

/* the longest answer to this request: bytes */
static size_t
answer_room(const struct lws_handshake *hs, struct lws_span protocol)
{
	return ANSWER_MAX + LWS_EXTENDED_ANSWER + protocol.len + hs->host.len +
	       hs->target.len + hs->origin.len;
}

static void
put_field(struct lws_buf *out, const char *name, struct lws_span value)
{
	if (!value.len)
		return;
	lws_buf_puts(out, name);
	lws_buf_puts(out, ": ");
	lws_buf_span(out, value);
	lws_buf_puts(out, "\r\n");
}

/* what is promised in the answer, beside what every one says */
struct promise {
	struct lws_span protocol, extensions;
	struct lws_aside *aside;       /* that does what extensions says */
	char nonce[LWS_HANDSHAKE_KEY]; /* filled, for framers that need it */
};

static int
queue_answer(struct libwebsocket *wsi, const struct lws_handshake_ops *ops,
	     const struct lws_handshake *hs, struct promise *p)
{
	const size_t room = answer_room(hs, p->protocol);
	uint8_t random[16], body[LWS_HANDSHAKE_BODY];
	struct lws_buf out;
	uint8_t *to = room > LWS_CHUNK_SIZE ? NULL : lws_tx_reserve(wsi, room);

	if (!to)
		return LWS_ERR_NOMEM;
	if (lws_loop_random(wsi->loop, random, sizeof(random)) < 0)
		return LWS_ERR_IO;
	lws_buf_init(&out, to, room);
	ops->answer(hs, random, p->nonce, &out);
	put_field(&out, "Sec-WebSocket-Protocol", p->protocol);
	if (LWS_BUILT_EXTENSIONS)
		put_field(&out, "Sec-WebSocket-Extensions", p->extensions);
	lws_reply_end(&out);
	if (ops->prove) {
		ops->prove(hs, body);
		lws_buf_put(&out, body, ops->answer_body);
	}
	if (!lws_buf_ok(&out))
		return LWS_ERR_LIMIT;
	if (lws_extended_reply(wsi, p->aside, lws_buf_written(&out)))
		lws_tx_commit(wsi, out.len);
	return lws_tx_settle(wsi);
}

/* Answer, and be what the answer says; p->aside is taken. */
static int
begin(struct libwebsocket *wsi, const struct lws_wire *wire,
      const struct lws_handshake *hs, struct promise *p)
{
	int rc = queue_answer(wsi, wire->handshake, hs, p);

	if (rc >= 0)
		rc = lws_ws_begin(wsi, wire, hs->key, lws_span_str(p->nonce));
	if (rc < 0)
		lws_extended_abandon(p->aside);
	else
		lws_extended_begin(wsi, p->aside);
	return rc;
}

static int
establish(struct libwebsocket *wsi, const struct lws_wire *wire,
	  const struct lws_handshake *hs, struct lws_span protocol)
{
	struct promise p = { .protocol = protocol };
	uint8_t text[LWS_EXTENDED_ANSWER];
	struct lws_buf extensions;
	int rc = 0;

	lws_buf_init(&extensions, text, sizeof(text));
	if (wire->framer->pings)
		rc = lws_extended_accept(wsi, &extensions, &p.aside);
	if (rc == LWS_ERR_PROTOCOL)
		return lws_http_refuse(wsi, HTTP_STATUS_BAD_REQUEST, NULL);
	if (rc < 0)
		return rc;
	p.extensions = lws_buf_written(&extensions);
	rc = begin(wsi, wire, hs, &p);
	if (rc < 0)
		return rc;
	if (lws_user(wsi, LWS_CALLBACK_ESTABLISHED, NULL, 0) < 0)
		return LWS_ERR_USER;
	lws_wsi_drop_headers(wsi);
	lws_extended_established(wsi);
	return 0;
}

/* 0, or the status that refuses what every version wants of a request */
static unsigned
common_faults(const struct libwebsocket *wsi, const struct lws_http_head *head)
{
	if (head->method != LWS_HTTP_GET)
		return HTTP_STATUS_METHOD_NOT_ALLOWED;
	if (!head->minor || !head->connection_upgrade || head->chunked ||
	    head->content_length)
		return HTTP_STATUS_BAD_REQUEST;
	if (lws_block_count(wsi->u.block, WSI_TOKEN_KEY) > 1 ||
	    lws_block_count(wsi->u.block, WSI_TOKEN_KEY1) > 1 ||
	    lws_block_count(wsi->u.block, WSI_TOKEN_KEY2) > 1)
		return HTTP_STATUS_BAD_REQUEST;
	return 0;
}

int
lws_upgrade_whole(struct libwebsocket *wsi)
{
	const struct lws_wire *wire = find_wire(wsi->u.block);
	const struct libwebsocket_protocols *protocol;
	struct lws_handshake hs = facts(wsi);
	struct lws_span name;

	if (lws_draining(lws_context_of(wsi)))
		return lws_http_refuse(wsi, HTTP_STATUS_SERVICE_UNAVAILABLE,
				       NULL);
	protocol = choose_protocol(wsi, wire->handshake->blank_lists, &name);
	if (!protocol)
		return lws_http_refuse(wsi, HTTP_STATUS_BAD_REQUEST, NULL);
	if (bind_to(wsi, protocol) < 0)
		return LWS_ERR_NOMEM;
	if (lws_notice_filter(wsi))
		return lws_http_refuse(wsi, HTTP_STATUS_FORBIDDEN, NULL);
	return establish(wsi, wire, &hs, name);
}

int
lws_upgrade(struct libwebsocket *wsi, const struct lws_http_head *head)
{
	const struct lws_wire *wire;
	struct lws_handshake hs;
	unsigned status = common_faults(wsi, head);

	if (status)
		return lws_http_refuse(wsi, status,
				       status == HTTP_STATUS_METHOD_NOT_ALLOWED
					       ? "Allow: GET\r\n"
					       : NULL);
	wire = find_wire(wsi->u.block);
	if (!wire)
		return version_refused(wsi);
	hs = facts(wsi);
	status = (unsigned)wire->handshake->check(&hs);
	if (status)
		return lws_http_refuse(wsi, status, NULL);
	if (wire->handshake->request_body)
		return lws_upgrade_body(wsi, wire->handshake->request_body);
	return lws_upgrade_whole(wsi);
}
