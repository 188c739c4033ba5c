/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/parse.c - the lines of a complete head.
 *
 * One pass over lines that are all there: first the request or status line,
 * then the fields, of which those with a known name are indexed.  What they
 * mean is asked afterwards, and limits cut last, so that a cut value never
 * changes how long a body is.  RFC 9112 section 2 to 5.
 */
#include "http/http.h"

#include "base/err.h"
#include "base/limits.h"
#include "http/block.h"
#include "http/chars.h"
#include "http/facts.h"

#define VALUE_MAX   ((size_t)(LWS_MAX_HEADER_LEN))
#define VERSION_LEN 8

static const struct {
	char name[8];
	uint8_t token;
} methods[] = {
	[LWS_HTTP_GET] = { "GET", WSI_TOKEN_GET_URI },
	[LWS_HTTP_HEAD] = { "HEAD", WSI_TOKEN_GET_URI },
	[LWS_HTTP_POST] = { "POST", WSI_TOKEN_POST_URI },
	[LWS_HTTP_OPTIONS] = { "OPTIONS", WSI_TOKEN_OPTIONS_URI },
	[LWS_HTTP_PUT] = { "PUT", WSI_TOKEN_PUT_URI },
	[LWS_HTTP_PATCH] = { "PATCH", WSI_TOKEN_PATCH_URI },
	[LWS_HTTP_DELETE] = { "DELETE", WSI_TOKEN_DELETE_URI },
	[LWS_HTTP_OTHER] = { "", WSI_TOKEN_GET_URI },
};

enum lws_token_indexes
lws_http_uri_token(enum lws_http_method method)
{
	return (enum lws_token_indexes)methods[method].token;
}

static struct lws_span
next_line(struct lws_span *rest)
{
	struct lws_span line = lws_span_take_until(rest, '\n');

	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* ---- the first line ---- */

/* "HTTP/1.x", exactly */
static int
take_version(struct lws_span s, struct lws_http_head *head)
{
	if (s.len != VERSION_LEN || memcmp(s.p, "HTTP/", 5) || s.p[6] != '.' ||
	    s.p[5] < '0' || s.p[5] > '9' || s.p[7] < '0' || s.p[7] > '9')
		return HTTP_STATUS_BAD_REQUEST;
	if (s.p[5] != '1')
		return HTTP_STATUS_HTTP_VERSION_NOT_SUPPORTED;
	head->minor = (uint8_t)(s.p[7] - '0');
	return 0;
}

static int
take_method(struct lws_span s, struct lws_http_head *head)
{
	size_t n = LWS_HTTP_GET;

	if (!s.len || lws_chars_token(s) != s.len)
		return HTTP_STATUS_BAD_REQUEST;
	while (n < LWS_HTTP_OTHER && !lws_span_eq(s, methods[n].name))
		n++;
	head->method = (enum lws_http_method)n;
	return 0;
}

/*
 * How many bytes "http://", "ws://" and so on take in front of a target; 0
 * when there is no such thing.
 */
static size_t
scheme_length(struct lws_span target)
{
	static const char schemes[][6] = { "http", "https", "ws", "wss" };
	struct lws_span rest = target, scheme;
	size_t n;

	scheme = lws_span_take_until(&rest, ':');
	if (rest.len < 2 || rest.p[0] != '/' || rest.p[1] != '/')
		return 0;
	for (n = 0; n < sizeof(schemes) / sizeof(schemes[0]); n++)
		if (lws_span_eq_nocase(scheme, schemes[n]))
			return scheme.len + 3;
	return 0;
}

/*
 * Reduce absolute form to origin form.  Where it has no path, the second slash
 * before the authority serves as one, since the path is a place in the head.
 */
static int
take_authority(struct lws_span *path, struct lws_span *authority)
{
	size_t n = scheme_length(*path);
	struct lws_span slash, rest;

	if (!n)
		return HTTP_STATUS_BAD_REQUEST;
	slash = lws_span(path->p + n - 1, 1);
	lws_span_skip(path, n);
	rest = *path;
	*authority = lws_span_take_until(&rest, '/');
	lws_span_skip(path, authority->len);
	if (!path->len)
		*path = slash;
	if (!authority->len || !lws_chars_host(*authority))
		return HTTP_STATUS_BAD_REQUEST;
	return 0;
}

/* Methods that are refused later on may have a target of any form. */
static int
take_target(struct lws_block *b, struct lws_span s, enum lws_http_method method,
	    struct lws_span *authority)
{
	struct lws_span args = s, path;
	int rc = 0;

	if (!s.len || !lws_chars_target(s))
		return HTTP_STATUS_BAD_REQUEST;
	if (s.len > VALUE_MAX)
		return HTTP_STATUS_REQ_URI_TOO_LONG;
	path = lws_span_take_until(&args, '?');
	*authority = lws_span(NULL, 0);
	if ((!path.len || path.p[0] != '/') && method != LWS_HTTP_OTHER &&
	    (method != LWS_HTTP_OPTIONS || !lws_span_eq(s, "*")))
		rc = take_authority(&path, authority);
	if (!rc)
		rc = lws_block_add(b, lws_http_uri_token(method), path);
	if (!rc && memchr(s.p, '?', s.len))
		rc = lws_block_add(b, WSI_TOKEN_HTTP_URI_ARGS, args);
	return rc;
}

/* METHOD SP target SP version */
static int
take_request_line(struct lws_block *b, struct lws_span s,
		  struct lws_http_head *head, struct lws_span *authority)
{
	struct lws_span version = s, method, target;
	int rc;

	method = lws_span_take_until(&version, ' ');
	target = lws_span_take_until(&version, ' ');
	rc = take_method(method, head);
	if (!rc)
		rc = take_version(version, head);
	if (!rc)
		rc = take_target(b, target, head->method, authority);
	if (!rc)
		rc = lws_block_add(b, WSI_TOKEN_HTTP, version);
	return rc;
}

/* version SP three digits, and mostly SP phrase */
static int
take_status_line(struct lws_block *b, struct lws_span s,
		 struct lws_http_head *head)
{
	struct lws_span rest = s, version, code, what;
	uint64_t status;

	version = lws_span_take_until(&rest, ' ');
	what = rest;
	code = lws_span_take_until(&rest, ' ');
	if (take_version(version, head) || code.len != 3 ||
	    !lws_span_number(code, &status) || status < 100 ||
	    !lws_chars_value(what) || what.len > VALUE_MAX)
		return HTTP_STATUS_BAD_REQUEST;
	head->status = (uint16_t)status;
	return lws_block_add(b, WSI_TOKEN_HTTP, what);
}

/* ---- fields ---- */

/*
 * A name that does not reach up to its colon is no name: that is also how a
 * folded line, which begins with a blank, and a blank before the colon look.
 */
static int
take_field(struct lws_block *b, struct lws_span line)
{
	size_t n = lws_chars_token(line);
	struct lws_span value = line;
	int token;

	if (!n || n == line.len || line.p[n] != ':')
		return HTTP_STATUS_BAD_REQUEST;
	lws_span_skip(&value, n + 1);
	if (!lws_chars_value(value))
		return HTTP_STATUS_BAD_REQUEST;
	value = lws_span_trim(value);
	if (value.len > VALUE_MAX)
		return LWS_HTTP_FIELDS_TOO_LARGE;
	token = lws_token_find(lws_span(line.p, n));
	if (token < 0)
		return 0;
	return lws_block_add(b, (enum lws_token_indexes)token, value);
}

static int
take_fields(struct lws_block *b, struct lws_span rest)
{
	struct lws_span line;
	int rc = 0;

	while (!rc && (line = next_line(&rest)).len)
		rc = take_field(b, line);
	return rc;
}

/*
 * One Host, which HTTP/1.0 may leave out; what the target says overrides it
 * (RFC 9112 section 3.2.2).
 */
static int
check_host(struct lws_block *b, const struct lws_http_head *head,
	   struct lws_span authority)
{
	size_t n = lws_block_count(b, WSI_TOKEN_HOST);

	if (n > 1 || (!n && head->minor))
		return HTTP_STATUS_BAD_REQUEST;
	if (n && !lws_chars_host(lws_block_nth(b, WSI_TOKEN_HOST, 0)))
		return HTTP_STATUS_BAD_REQUEST;
	if (!authority.len)
		return 0;
	return lws_block_replace(b, WSI_TOKEN_HOST, authority);
}

/* ---- whole heads ---- */

int
lws_http_parse_request(struct lws_block *b, struct lws_http_head *head,
		       const struct lws_token_limits *limits, int *cut)
{
	struct lws_span rest = lws_block_head(b), authority;
	int rc;

	memset(head, 0, sizeof(*head));
	*cut = -1;
	rc = take_request_line(b, next_line(&rest), head, &authority);
	if (!rc)
		rc = take_fields(b, rest);
	if (!rc)
		rc = check_host(b, head, authority);
	if (!rc)
		rc = lws_facts_read(b, head);
	if (!rc && limits)
		*cut = lws_block_cut(b, limits);
	return rc;
}

int
lws_http_parse_response(struct lws_block *b, struct lws_http_head *head)
{
	struct lws_span rest = lws_block_head(b);
	int rc;

	memset(head, 0, sizeof(*head));
	rc = take_status_line(b, next_line(&rest), head);
	if (!rc)
		rc = take_fields(b, rest);
	if (!rc)
		rc = lws_facts_read(b, head);
	if (rc == HTTP_STATUS_SERVICE_UNAVAILABLE)
		return LWS_ERR_NOMEM;
	return rc ? LWS_ERR_PROTOCOL : 0;
}
