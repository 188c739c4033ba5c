/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/negotiate.c: the grammar of Sec-WebSocket-Extensions, and what is asked
 * of an offer.
 */
#include "unit/unit.h"

#include <stdio.h>

#include "ext/negotiate.h"

#define TEXT_MAX 65536

/*
 * A list, and what comes of it: members with a "|" each, their parameters
 * behind ";", values in "<>", "+" when there were too many, and at the end "!"
 * when the list is against the grammar.
 */
struct row {
	const char *list;
	size_t len;
	const char *comes;
};

#define ROW(list, comes) { list, sizeof(list) - 1, comes }

static const struct row rows[] = {
	/* nothing */
	ROW("", ""),
	ROW(" ", ""),
	ROW("\t", ""),
	ROW(",", ""),
	ROW(",,", ""),
	ROW(" \t, ,\t, ", ""),

	/* names, and what separates them */
	ROW("a", "a|"),
	ROW("x-webkit-deflate-frame", "x-webkit-deflate-frame|"),
	ROW("Permessage-Deflate", "Permessage-Deflate|"),
	ROW("!#$%&'*+-.^_`|~09azAZ", "!#$%&'*+-.^_`|~09azAZ|"),
	ROW("a,b", "a|b|"),
	ROW("a, b", "a|b|"),
	ROW("a ,b", "a|b|"),
	ROW("a\t,\tb", "a|b|"),
	ROW(" a \t,\t b ", "a|b|"),
	ROW("a,a,a", "a|a|a|"),
	ROW(",a", "a|"),
	ROW("a,", "a|"),
	ROW("a,,b", "a|b|"),
	ROW(", ,a,\t, ,b, ,", "a|b|"),
	ROW("8", "8|"),

	/* names against the grammar */
	ROW("a b", "!"),
	ROW("a\tb", "!"),
	ROW("a b, c", "!"),
	ROW("a, b c", "a|!"),
	ROW("=", "!"),
	ROW("a=", "!"),
	ROW("a=1", "!"),
	ROW("a=1;b", "!"),
	ROW("\"a\"", "!"),
	ROW("\"", "!"),
	ROW("a\"", "!"),
	ROW("a(b)", "!"),
	ROW("a/b", "!"),
	ROW("a:b", "!"),
	ROW("a\\b", "!"),
	ROW("[a]", "!"),
	ROW("a@b", "!"),
	ROW("{a}", "!"),
	ROW("a<b>", "!"),
	ROW("a?", "!"),
	ROW("a\0b", "!"),
	ROW("\0", "!"),
	ROW("a\r\n b", "!"),
	ROW("a\n", "!"),
	ROW("a\x1f", "!"),
	ROW("a\x7f", "!"),
	ROW("a\x80", "!"),
	ROW("\xc3\xa9", "!"),
	ROW("a\xff", "!"),
	ROW("a,b,\x01,c", "a|b|!"),

	/* parameters */
	ROW("a;b", "a;b|"),
	ROW("a; b", "a;b|"),
	ROW("a ;b", "a;b|"),
	ROW("a\t;\tb\t", "a;b|"),
	ROW("a;b;c", "a;b;c|"),
	ROW("a;b;b", "a;b;b|"),
	ROW("a;a", "a;a|"),
	ROW("a;b,c;d", "a;b|c;d|"),
	ROW("a;b,,c;d,", "a;b|c;d|"),
	ROW("a;B", "a;B|"),
	ROW("a;1;2;3;4;5;6;7;8", "a;1;2;3;4;5;6;7;8|"),
	ROW("a;1;2;3;4;5;6;7;8;9", "a;1;2;3;4;5;6;7;8+|"),
	ROW("a;1;2;3;4;5;6;7;8;9=x;10=\"y\",b;1", "a;1;2;3;4;5;6;7;8+|b;1|"),
	ROW("a;1;2;3;4;5;6;7;8;9;10=,b", "!"),
	ROW("a;1;2;3;4;5;6;7;8;9;,b", "!"),

	/* parameters against the grammar */
	ROW(";", "!"),
	ROW(";b", "!"),
	ROW(" ; b", "!"),
	ROW("a;", "!"),
	ROW("a; ", "!"),
	ROW("a;;b", "!"),
	ROW("a; ;b", "!"),
	ROW("a;b;", "!"),
	ROW("a;,b", "!"),
	ROW("a,;b", "a|!"),
	ROW("a;b c", "!"),
	ROW("a;b;c d;e", "!"),
	ROW("a;\"b\"", "!"),
	ROW("a;=", "!"),
	ROW("a;=1", "!"),
	ROW("a;\0", "!"),
	ROW("a;b\x80", "!"),
	ROW("a;b,c;", "a;b|!"),

	/* values */
	ROW("a;b=c", "a;b=<c>|"),
	ROW("a; b = c", "a;b=<c>|"),
	ROW("a;b\t=\tc\t", "a;b=<c>|"),
	ROW("a;b=c;d=e", "a;b=<c>;d=<e>|"),
	ROW("a;b=c;d;b=e", "a;b=<c>;d;b=<e>|"),
	ROW("a;b=10,c;d=8", "a;b=<10>|c;d=<8>|"),
	ROW("a;b=+9", "a;b=<+9>|"),
	ROW("a;b=08", "a;b=<08>|"),
	ROW("a;b=C", "a;b=<C>|"),

	/* values against the grammar */
	ROW("a;b=", "!"),
	ROW("a;b= ", "!"),
	ROW("a;b=,c", "!"),
	ROW("a;b=;c", "!"),
	ROW("a;b==c", "!"),
	ROW("a;b=c=d", "!"),
	ROW("a;b=c d", "!"),
	ROW("a;b=\0", "!"),
	ROW("a;b=c\x7f", "!"),
	ROW("a;b=\xe2\x82\xac", "!"),
	ROW("a;b=c\"", "!"),
	ROW("a;b=\\c", "!"),
	ROW("a;b='c d'", "!"),

	/* quoted values */
	ROW("a;b=\"c\"", "a;b=<c>|"),
	ROW("a;b=\"10\"", "a;b=<10>|"),
	ROW("a;b = \"c\" ; d", "a;b=<c>;d|"),
	ROW("a;b=\"c\",d;e=\"f\"", "a;b=<c>|d;e=<f>|"),
	ROW("a;b=\"c\";d=e;f=\"g\"", "a;b=<c>;d=<e>;f=<g>|"),
	ROW("a;b=\"1\\0\"", "a;b=<10>|"),
	ROW("a;b=\"\\1\\0\"", "a;b=<10>|"),
	ROW("a;b=\"\\c\"", "a;b=<c>|"),
	ROW("a;b=\"\\c\";d=\"e\\f\"", "a;b=<c>;d=<ef>|"),
	ROW("a;b=\"\\c\",a;b=\"\\d\"", "a;b=<c>|a;b=<d>|"),

	/* quoted values against the grammar */
	ROW("a;b=\"\"", "!"),
	ROW("a;b=\"", "!"),
	ROW("a;b=\"c", "!"),
	ROW("a;b=\"c\\", "!"),
	ROW("a;b=\"\\", "!"),
	ROW("a;b=\"\\\"", "!"),
	ROW("a;b=\"c\\\"\"", "!"),
	ROW("a;b=\"\\\\\"", "!"),
	ROW("a;b=\"c d\"", "!"),
	ROW("a;b=\" c\"", "!"),
	ROW("a;b=\"c \"", "!"),
	ROW("a;b=\" \"", "!"),
	ROW("a;b=\"\\ \"", "!"),
	ROW("a;b=\"c,d\"", "!"),
	ROW("a;b=\"c;d\"", "!"),
	ROW("a;b=\"c=d\"", "!"),
	ROW("a;b=\"\\,\"", "!"),
	ROW("a;b=\"c\"d", "!"),
	ROW("a;b=c\"d\"", "!"),
	ROW("a;b=\"c\"\"d\"", "!"),
	ROW("a;b=\"c\" d", "!"),
	ROW("a;b=\"c\"=d", "!"),
	ROW("a;b=\"c\0\"", "!"),
	ROW("a;b=\"c\\\0\"", "!"),
	ROW("a;b=\"c\x80\"", "!"),
	ROW("a;b=\"\\\xff\"", "!"),
	ROW("a;b=\"\n\"", "!"),
	ROW("a;b=\"c, d;e=\"f\"", "!"),

	/* RFC 7692 sections 5 and 7.1.3, RFC 6455 section 9.1 */
	ROW("permessage-deflate", "permessage-deflate|"),
	ROW("permessage-deflate; client_max_window_bits; "
	    "server_max_window_bits=10",
	    "permessage-deflate;client_max_window_bits;"
	    "server_max_window_bits=<10>|"),
	ROW("permessage-deflate; client_max_window_bits; "
	    "server_max_window_bits=10, "
	    "permessage-deflate; client_max_window_bits",
	    "permessage-deflate;client_max_window_bits;"
	    "server_max_window_bits=<10>|"
	    "permessage-deflate;client_max_window_bits|"),
	ROW("permessage-foo; x=10", "permessage-foo;x=<10>|"),
	ROW("permessage-foo; x=\"10\"", "permessage-foo;x=<10>|"),
	ROW("permessage-foo; use_y, permessage-foo",
	    "permessage-foo;use_y|permessage-foo|"),
	ROW("foo, bar; baz=2", "foo|bar;baz=<2>|"),
	ROW("deflate-stream", "deflate-stream|"),
};

/* What is written about the members of a list. */
struct account {
	size_t len;
	char text[TEXT_MAX];
};

static struct account whole, part;

static void
say(struct account *to, const void *bytes, size_t len)
{
	assert_true(len < TEXT_MAX - to->len);
	if (len)
		memcpy(to->text + to->len, bytes, len);
	to->len += len;
	to->text[to->len] = '\0';
}

static void
say_span(struct account *to, const char *before, struct lws_span s,
	 const char *after)
{
	say(to, before, strlen(before));
	say(to, s.p, s.len);
	say(to, after, strlen(after));
}

static bool
lies_in(struct lws_span s, const uint8_t *p, size_t len)
{
	return (uintptr_t)s.p >= (uintptr_t)p &&
	       (uintptr_t)s.p + s.len <= (uintptr_t)p + len;
}

/* Write down @offer, all of which lies in @list or in its own text. */
static void
say_offer(struct account *to, const struct lws_ext_offer *offer,
	  struct lws_span list)
{
	const struct lws_ext_param *param;

	assert_true(offer->count <= LWS_EXT_PARAMS_MAX);
	assert_true(lies_in(offer->name, list.p, list.len));
	say_span(to, "", offer->name, "");
	for (param = offer->params; param < offer->params + offer->count;
	     param++) {
		assert_true(lies_in(param->name, list.p, list.len));
		say_span(to, ";", param->name, "");
		if (!param->has_value) {
			assert_int_equal(param->value.len, 0);
			continue;
		}
		assert_true(lies_in(param->value, list.p, list.len) ||
			    lies_in(param->value, offer->text,
				    sizeof(offer->text)));
		say_span(to, "=<", param->value, ">");
	}
	if (offer->too_many)
		say(to, "+", 1);
	say(to, "|", 1);
}

/* Read a list that lies in memory of just its size; what it comes to. */
static const char *
read_list(struct account *to, const void *list, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct lws_span rest = lws_span(len ? copy : NULL, len);
	struct lws_ext_offer offer;
	size_t before = len + 1;
	int rc;

	assert_non_null(copy);
	if (len)
		memcpy(copy, list, len);
	to->len = 0;
	to->text[0] = '\0';
	memset(&offer, 0xa5, sizeof(offer));
	while ((rc = lws_ext_next(&rest, &offer)) == 1) {
		assert_true(rest.len < before);
		before = rest.len;
		say_offer(to, &offer, lws_span(copy, len));
	}
	if (rc)
		say(to, "!", 1);

	/* the end stays the end, and a fault a fault */
	assert_true(rc == 0 || rc == LWS_ERR_PROTOCOL);
	assert_int_equal(lws_ext_next(&rest, &offer), rc);
	assert_true(rc || !rest.len);
	free(copy);
	return to->text;
}

static void
test_lists_are_read_by_the_grammar(void **state)
{
	size_t n, faults = 0;

	(void)state;
	assert_true(COUNT(rows) >= 80);
	for (n = 0; n < COUNT(rows); n++) {
		read_list(&whole, rows[n].list, rows[n].len);
		if (!strcmp(whole.text, rows[n].comes))
			continue;
		print_error("row %zu: '%s' gave '%s', wanted '%s'\n", n,
			    rows[n].list, whole.text, rows[n].comes);
		faults++;
	}
	assert_int_equal(faults, 0);
}

/* Where the last member of what was written begins, or its "!". */
static size_t
without_last(const struct account *a)
{
	size_t len = a->len;

	if (len)
		len--;
	while (len && a->text[len - 1] != '|')
		len--;
	return len;
}

static void
test_a_list_cut_anywhere_gives_the_members_before_the_cut(void **state)
{
	size_t n, cut;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		/* here a mark of ours is in a name */
		if (strchr(rows[n].list, '|'))
			continue;
		read_list(&whole, rows[n].list, rows[n].len);
		for (cut = 0; cut < rows[n].len; cut++) {
			read_list(&part, rows[n].list, cut);
			if (!memcmp(part.text, whole.text, without_last(&part)))
				continue;
			print_error("row %zu: '%s' cut at %zu gave '%s'\n", n,
				    rows[n].list, cut, part.text);
			fail();
		}
	}
}

static void
test_a_list_without_its_front_is_a_list_or_refused(void **state)
{
	size_t n, cut;

	(void)state;
	for (n = 0; n < COUNT(rows); n++)
		for (cut = 1; cut < rows[n].len; cut++)
			read_list(&whole, rows[n].list + cut,
				  rows[n].len - cut);
}

static bool
is_in_token(int c)
{
	return c && strchr("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ", c);
}

/* Is @before, @c, @after one member? */
static bool
is_one(const char *before, int c, const char *after)
{
	const uint8_t byte = (uint8_t)c;
	char list[32];
	int len;

	len = snprintf(list, sizeof(list), "%sX%s", before, after);
	memcpy(list + strlen(before), &byte, 1);
	read_list(&whole, list, (size_t)len);
	return strcmp(whole.text, "!") && !strstr(whole.text, "|!");
}

static void
test_only_characters_of_a_token_are_taken_anywhere(void **state)
{
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		const bool good = is_in_token(c);
		const bool mark = c == ',';

		assert_int_equal(is_one("a", c, "b"), good || mark || c == ';');
		assert_int_equal(is_one("a;b", c, "c"),
				 good || mark || c == ';' || c == '=');
		assert_int_equal(is_one("a;b=c", c, "d"),
				 good || mark || c == ';');
		assert_int_equal(is_one("a;b=\"c", c, "d\""),
				 good || c == '\\');
		assert_int_equal(is_one("a;b=\"", c, "\""), good);
		assert_int_equal(is_one("a;b=\"\\", c, "\""), good);
		assert_int_equal(is_one("a;b=\"c\\", c, "d\""), good);
	}
}

static void
test_a_thousand_offers_in_one_value_are_read(void **state)
{
	static const char offer[] = "permessage-deflate; x=\"\\1\", ";
	const size_t one = sizeof(offer) - 1, count = 1000;
	char *list = malloc(count * one);
	struct lws_ext_offer got;
	struct lws_span rest, value;
	size_t n;

	(void)state;
	assert_non_null(list);
	for (n = 0; n < count; n++)
		memcpy(list + n * one, offer, one);
	rest = lws_span(list, count * one);
	for (n = 0; lws_ext_next(&rest, &got) == 1; n++) {
		assert_true(lws_span_eq(got.name, "permessage-deflate"));
		assert_int_equal(lws_ext_param(&got, "x", &value), 1);
		assert_true(lws_span_eq(value, "1"));
		assert_int_equal(got.count, 1);
	}
	assert_int_equal(n, count);
	assert_int_equal(rest.len, 0);
	free(list);
}

static void
test_a_thousand_parameters_are_too_many_and_the_next_offer_is_fine(void **state)
{
	char list[8192];
	struct lws_ext_offer got;
	struct lws_span rest;
	size_t len = 1, n;

	(void)state;
	list[0] = 'a';
	for (n = 0; n < 1000; n++, len += 7)
		memcpy(list + len, ";b=\"\\c\"", 7);
	memcpy(list + len, ",d;e", 4);
	rest = lws_span(list, len + 4);
	assert_int_equal(lws_ext_next(&rest, &got), 1);
	assert_true(lws_span_eq(got.name, "a"));
	assert_true(got.too_many);
	assert_int_equal(got.count, LWS_EXT_PARAMS_MAX);
	assert_int_equal(lws_ext_next(&rest, &got), 1);
	assert_true(lws_span_eq(got.name, "d"));
	assert_false(got.too_many);
	assert_int_equal(got.count, 1);
	assert_int_equal(lws_ext_next(&rest, &got), 0);
}

/* "a;b=" and a quoted value of @len times @c, the first of them escaped */
static size_t
put_escaped(char *to, char c, size_t len)
{
	memcpy(to, ";b=\"\\", 5);
	memset(to + 5, c, len);
	to[5 + len] = '"';
	return len + 6;
}

static bool
is_all(struct lws_span s, char c, size_t len)
{
	size_t n;

	for (n = 0; n < s.len; n++)
		if (s.p[n] != (uint8_t)c)
			return false;
	return s.len == len;
}

static void
test_what_is_unescaped_fills_the_text_and_no_more(void **state)
{
	const size_t room = sizeof(((struct lws_ext_offer *)NULL)->text);
	struct lws_ext_offer got;
	struct lws_span rest;
	char list[512];
	size_t first, len;

	(void)state;
	list[0] = 'a';
	for (first = 1; first <= room + 1; first++) {
		len = 1 + put_escaped(list + 1, '1', first);
		len += put_escaped(list + len, '2', room - first % room);
		len += put_escaped(list + len, '3', 1);
		rest = lws_span(list, len);
		memset(&got, 0, sizeof(got));
		assert_int_equal(lws_ext_next(&rest, &got), 1);
		assert_int_equal(got.count, 3);
		assert_int_equal(is_all(got.params[0].value, '1', first),
				 first <= room);
		assert_int_equal(is_all(got.params[1].value, '2', room - first),
				 first < room);
		assert_int_equal(is_all(got.params[2].value, '3', 1),
				 first > room);
	}
}

static void
test_a_value_too_long_to_unescape_equals_nothing(void **state)
{
	struct lws_ext_offer got;
	struct lws_span rest, value;
	char list[512], plain[128];
	size_t len;

	(void)state;
	list[0] = 'a';
	len = 1 + put_escaped(list + 1, '9', sizeof(got.text));
	len += put_escaped(list + len, '9', 1);
	rest = lws_span(list, len);
	assert_int_equal(lws_ext_next(&rest, &got), 1);
	assert_int_equal(lws_ext_window_bits(got.params[1].value), 0);
	assert_non_null(memchr(got.params[1].value.p, '\\',
			       got.params[1].value.len));

	len = 1 + put_escaped(list + 1, '9', sizeof(got.text) + 1);
	rest = lws_span(list, len);
	assert_int_equal(lws_ext_next(&rest, &got), 1);
	assert_int_equal(lws_ext_param(&got, "b", &value), 1);
	memset(plain, '9', sizeof(plain));
	plain[sizeof(got.text) + 1] = '\0';
	assert_false(lws_span_eq(value, plain));
}

static void
test_a_long_value_without_escapes_is_whole(void **state)
{
	struct lws_ext_offer got;
	struct lws_span rest, value;
	char list[4096];

	(void)state;
	memset(list, 'v', sizeof(list));
	memcpy(list, "a;b=\"", 5);
	list[sizeof(list) - 1] = '"';
	rest = lws_span(list, sizeof(list));
	assert_int_equal(lws_ext_next(&rest, &got), 1);
	assert_int_equal(lws_ext_param(&got, "b", &value), 1);
	assert_true(is_all(value, 'v', sizeof(list) - 6));
}

/* The one member of @list, which must outlive @offer. */
static void
read_one(struct lws_ext_offer *offer, const char *list)
{
	struct lws_span rest = lws_span_str(list);

	assert_int_equal(lws_ext_next(&rest, offer), 1);
	assert_int_equal(rest.len, 0);
}

static void
test_a_parameter_is_found_with_its_value_or_without(void **state)
{
	struct lws_ext_offer offer;
	struct lws_span value = lws_span("?", 1);

	(void)state;
	read_one(&offer, "a; b; c=d; e=\"\\f\"; c=g; b=h");
	assert_int_equal(lws_ext_param(&offer, "b", &value), 0);
	assert_int_equal(value.len, 0);
	assert_int_equal(lws_ext_param(&offer, "c", &value), 1);
	assert_true(lws_span_eq(value, "d"));
	assert_int_equal(lws_ext_param(&offer, "e", &value), 1);
	assert_true(lws_span_eq(value, "f"));
	assert_int_equal(lws_ext_param(&offer, "", &value), LWS_ERR_NOENT);
	assert_int_equal(lws_ext_param(&offer, "a", &value), LWS_ERR_NOENT);
	assert_int_equal(lws_ext_param(&offer, "B", &value), LWS_ERR_NOENT);
	assert_int_equal(lws_ext_param(&offer, "bb", &value), LWS_ERR_NOENT);
	assert_int_equal(lws_ext_param(&offer, "d", &value), LWS_ERR_NOENT);
	read_one(&offer, "a");
	assert_int_equal(lws_ext_param(&offer, "a", &value), LWS_ERR_NOENT);
}

static void
test_only_known_parameters_each_once_are_only_those(void **state)
{
	static const char *const names[] = { "b", "cd", "e", "c" };
	static const struct {
		const char *list;
		size_t n;	/* of names */
		bool only;
	} cases[] = {
		{ "a", 0, true },
		{ "a", 3, true },
		{ "a;b", 3, true },
		{ "a;b", 1, true },
		{ "a;b", 0, false },
		{ "a;b;cd;e", 3, true },
		{ "a;e=1;cd=\"2\";b", 3, true },
		{ "a;cd;c", 4, true },
		{ "a;c;cd", 4, true },
		{ "a;cd;c;c", 4, false },
		{ "a;b;cd;e", 2, false },
		{ "a;b;b", 3, false },
		{ "a;b=1;b=1", 3, false },
		{ "a;b=1;b=2", 3, false },
		{ "a;b;b=2", 3, false },
		{ "a;b;cd;b", 3, false },
		{ "a;x", 3, false },
		{ "a;b;x", 3, false },
		{ "a;B", 3, false },
		{ "a;c", 3, false },
		{ "a;cde", 3, false },
		{ "a;a", 3, false },
	};
	struct lws_ext_offer offer;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(cases); n++) {
		read_one(&offer, cases[n].list);
		if (lws_ext_only(&offer, names, cases[n].n) == cases[n].only)
			continue;
		print_error("row %zu: %s of %zu\n", n, cases[n].list,
			    cases[n].n);
		fail();
	}
	read_one(&offer, "a");
	assert_true(lws_ext_only(&offer, NULL, 0));
}

static void
test_too_many_parameters_are_never_only_the_known_ones(void **state)
{
	static const char *const names[] = {
		"1", "2", "3", "4", "5", "6", "7", "8", "9",
	};
	struct lws_ext_offer offer;

	(void)state;
	read_one(&offer, "a;1;2;3;4;5;6;7;8");
	assert_true(lws_ext_only(&offer, names, COUNT(names)));
	read_one(&offer, "a;1;2;3;4;5;6;7;8;9");
	assert_false(lws_ext_only(&offer, names, COUNT(names)));
}

static void
test_windows_are_plain_numbers_from_8_to_15(void **state)
{
	static const char *const bad[] = {
		"", "0", "1", "2", "3", "4", "5", "6", "7", "16", "17", "18",
		"19", "20", "99", "08", "09", "010", "0010", "015", "+9", "-9",
		"1e1", "0x9", "9.", "9.0", " 9", "9 ", "1 0", "a", "8a", "\\9",
		"150", "100", "800", "256", "264", "4294967304",
		"18446744073709551624", "99999999999999999999999",
	};
	char text[8];
	int bits;
	size_t n;

	(void)state;
	for (bits = 8; bits <= 15; bits++) {
		snprintf(text, sizeof(text), "%d", bits);
		assert_int_equal(lws_ext_window_bits(lws_span_str(text)), bits);
	}
	for (n = 0; n < COUNT(bad); n++) {
		if (!lws_ext_window_bits(lws_span_str(bad[n])))
			continue;
		print_error("row %zu: '%s' is a window\n", n, bad[n]);
		fail();
	}
	assert_int_equal(lws_ext_window_bits(lws_span(NULL, 0)), 0);
	assert_int_equal(lws_ext_window_bits(lws_span("9\0", 2)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists_are_read_by_the_grammar),
		cmocka_unit_test(
		test_a_list_cut_anywhere_gives_the_members_before_the_cut),
		cmocka_unit_test(
			test_a_list_without_its_front_is_a_list_or_refused),
		cmocka_unit_test(
			test_only_characters_of_a_token_are_taken_anywhere),
		cmocka_unit_test(test_a_thousand_offers_in_one_value_are_read),
		cmocka_unit_test(
	test_a_thousand_parameters_are_too_many_and_the_next_offer_is_fine),
		cmocka_unit_test(
			test_what_is_unescaped_fills_the_text_and_no_more),
		cmocka_unit_test(
			test_a_value_too_long_to_unescape_equals_nothing),
		cmocka_unit_test(test_a_long_value_without_escapes_is_whole),
		cmocka_unit_test(
			test_a_parameter_is_found_with_its_value_or_without),
		cmocka_unit_test(
			test_only_known_parameters_each_once_are_only_those),
		cmocka_unit_test(
			test_too_many_parameters_are_never_only_the_known_ones),
		cmocka_unit_test(test_windows_are_plain_numbers_from_8_to_15),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
