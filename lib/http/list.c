/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/list.c - comma lists.
 *
 * Empty members are nothing, and several fields of one name are one list.
 * RFC 9110 section 5.6.1.
 */
#include "http/http.h"

bool
lws_list_next(struct lws_span *rest, struct lws_span *member)
{
	while (rest->len) {
		*member = lws_span_trim(lws_span_take_until(rest, ','));
		if (member->len)
			return true;
	}
	return false;
}

bool
lws_block_word(const struct lws_block *b, struct lws_words *words,
	       struct lws_span *word)
{
	while (!lws_list_next(&words->rest, word)) {
		words->rest = lws_block_nth(b, words->token, words->n++);
		if (!words->rest.p)
			return false;
	}
	return true;
}

bool
lws_block_has_word(const struct lws_block *b, enum lws_token_indexes token,
		   const char *word)
{
	struct lws_words words = { .token = token };
	struct lws_span member;

	while (lws_block_word(b, &words, &member))
		if (lws_span_eq_nocase(member, word))
			return true;
	return false;
}
