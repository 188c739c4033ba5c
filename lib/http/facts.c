/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/facts.c - what fields say about body and connection.
 *
 * Where two readers could differ about the length of a body one of them can be
 * made to take it for a request; so whatever is not plain is refused.
 * RFC 9112 section 6 and 9.3, RFC 9110 section 7.6.1, 7.8, 8.6 and 10.1.1.
 */
#include "http/facts.h"

/*
 * Every member of every field is a number, and always the same one; an empty
 * member is no number.
 */
static int
read_length(const struct lws_block *b, struct lws_http_head *head)
{
	const enum lws_token_indexes token = WSI_TOKEN_HTTP_CONTENT_LENGTH;
	struct lws_span rest, member;
	uint64_t value;
	size_t n;
	bool more;

	for (n = 0; (rest = lws_block_nth(b, token, n)).p; n++) {
		do {
			more = memchr(rest.p, ',', rest.len) != NULL;
			member = lws_span_trim(lws_span_take_until(&rest, ','));
			if (!lws_span_number(member, &value))
				return HTTP_STATUS_BAD_REQUEST;
			if (head->has_length && value != head->content_length)
				return HTTP_STATUS_BAD_REQUEST;
			head->has_length = true;
			head->content_length = value;
		} while (more);
	}
	return 0;
}

/*
 * The one coding we have is chunked: alone, and in HTTP/1.1.  Another one
 * before it would be valid, behind it never.
 */
static int
read_coding(const struct lws_block *b, struct lws_http_head *head)
{
	struct lws_words words = { .token = WSI_TOKEN_HTTP_TRANSFER_ENCODING };
	struct lws_span coding;
	bool other = false;

	if (!lws_block_count(b, words.token))
		return 0;
	if (!head->minor || head->has_length)
		return HTTP_STATUS_BAD_REQUEST;
	while (lws_block_word(b, &words, &coding)) {
		if (head->chunked)
			return HTTP_STATUS_BAD_REQUEST;
		head->chunked = lws_span_eq_nocase(coding, "chunked");
		other |= !head->chunked;
	}
	if (other)
		return HTTP_STATUS_NOT_IMPLEMENTED;
	return head->chunked ? 0 : HTTP_STATUS_BAD_REQUEST;
}

static bool
connection_is(const struct lws_block *b, const char *word)
{
	return lws_block_has_word(b, WSI_TOKEN_CONNECTION, word);
}

int
lws_facts_read(const struct lws_block *b, struct lws_http_head *head)
{
	int rc = read_length(b, head);

	if (!rc)
		rc = read_coding(b, head);
	if (rc)
		return rc;
	head->keep_alive = head->minor > 0;
	if (connection_is(b, "keep-alive"))
		head->keep_alive = true;
	if (connection_is(b, "close"))
		head->keep_alive = false;
	head->connection_upgrade = connection_is(b, "upgrade");
	head->upgrade_websocket =
		lws_block_has_word(b, WSI_TOKEN_UPGRADE, "websocket");
	head->expect_continue = head->minor > 0 &&
		lws_block_has_word(b, WSI_TOKEN_HTTP_EXPECT, "100-continue");
	return 0;
}
