/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http.c - http-only: the page, its pictures, and what is posted.
 *
 * A request names a file of the resource directory by a plain name with a
 * suffix from a short list; nothing else is looked for.  What a link leads to
 * must be inside the directory as well.  leaf.jpg could be served like the
 * rest, but shows how a response is written by hand, piece by piece, as fast
 * as the peer takes it.
 */
#include "server.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common.h"

#define PIECE 16384
#define POST_SHOWN 20
#define SECONDS_PER_PIECE 5

static char resource_dir[PATH_MAX];
static size_t resource_dir_len;

bool
http_serve_from(const char *dir)
{
	struct stat st;

	if (!full_path(dir, resource_dir) || stat(resource_dir, &st)) {
		lwsl_err("resource path %s: %s\n", dir, strerror(errno));
		return false;
	}
	if (!S_ISDIR(st.st_mode)) {
		lwsl_err("resource path %s: not a directory\n", dir);
		return false;
	}
	resource_dir_len = strlen(resource_dir);
	if (resource_dir_len == 1)
		resource_dir_len = 0;	/* "/": every path begins with it */
	return true;
}

/* The response is on its way: may the connection serve another request? */
static int
responded(struct libwebsocket *wsi)
{
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int
respond_status(struct libwebsocket_context *context, struct libwebsocket *wsi,
	       unsigned int status)
{
	if (libwebsockets_return_http_status(context, wsi, status, NULL))
		return -1;
	return responded(wsi);
}

/* ---- which file is meant ---- */

static const char *
mime_type(const char *name)
{
	static const struct {
		const char *suffix;
		const char *type;
	} known[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".png", "image/png" },
		{ ".ico", "image/x-icon" },
	};
	const char *suffix = strrchr(name, '.');
	size_t n;

	for (n = 0; suffix && n < ARRAY_SIZE(known); n++)
		if (!strcmp(suffix, known[n].suffix))
			return known[n].type;
	return NULL;
}

static bool
is_plain_name(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-";

	return *name && *name != '.' && !name[strspn(name, plain)];
}

/*
 * The path of the regular file @name in the resource directory, into @path of
 * PATH_MAX bytes; or the HTTP status that says why not.
 */
static unsigned int
find_file(const char *name, char *path)
{
	char wanted[PATH_MAX];
	struct stat st;
	int len;

	if (!resource_dir[0])
		return HTTP_STATUS_NOT_FOUND;
	len = snprintf(wanted, sizeof(wanted), "%.*s/%s",
		       (int)resource_dir_len, resource_dir, name);
	if (len < 0 || (size_t)len >= sizeof(wanted))
		return HTTP_STATUS_NOT_FOUND;
	if (!full_path(wanted, path) || stat(path, &st))
		return HTTP_STATUS_NOT_FOUND;
	if (strncmp(path, resource_dir, resource_dir_len) ||
	    path[resource_dir_len] != '/')
		return HTTP_STATUS_FORBIDDEN;
	if (!S_ISREG(st.st_mode))
		return HTTP_STATUS_NOT_FOUND;
	return HTTP_STATUS_OK;
}

/* ---- files ---- */

/* A cookie for who comes without one, as a header line; its length, or 0. */
static int
make_cookie(struct libwebsocket *wsi, char *line, size_t room)
{
	struct timeval now;

	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_COOKIE) > 0)
		return 0;
	gettimeofday(&now, NULL);
	return snprintf(line, room, "Set-Cookie: test=LWS_%ld_%ld_COOKIE;"
			"Max-Age=360000\r\n", (long)now.tv_sec,
			(long)now.tv_usec);
}

static int
serve_file(struct libwebsocket_context *context, struct libwebsocket *wsi,
	   const char *name, bool cookie)
{
	const char *type = mime_type(name);
	char path[PATH_MAX], line[128];
	unsigned int status;
	int len = 0, n;

	if (!type)
		return respond_status(context, wsi,
				      HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE);
	status = find_file(name, path);
	if (status != HTTP_STATUS_OK)
		return respond_status(context, wsi, status);
	if (cookie)
		len = make_cookie(wsi, line, sizeof(line));
	n = libwebsockets_serve_http_file(context, wsi, path, type,
					  len ? line : NULL, len);
	if (n < 0)
		return -1;
	return n > 0 ? responded(wsi) : 0;
}

/* ---- by hand ---- */

static void
close_file(struct http_session *session)
{
	if (session->file)
		fclose(session->file);
	session->file = NULL;
	session->left = 0;
}

static int
open_file(struct http_session *session, const char *path)
{
	struct stat st;

	close_file(session);
	if (stat(path, &st))
		return -1;
	session->file = fopen(path, "rb");
	session->left = (unsigned long)st.st_size;
	return session->file ? 0 : -1;
}

static int
start_by_hand(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      struct http_session *session, const char *type)
{
	unsigned char head[512], *p = head, *end = head + sizeof(head);

	if (lws_add_http_header_status(context, wsi, HTTP_STATUS_OK, &p, end) ||
	    lws_add_http_header_by_token(context, wsi,
					 WSI_TOKEN_HTTP_CONTENT_TYPE,
					 (const unsigned char *)type,
					 (int)strlen(type), &p, end) ||
	    lws_add_http_header_content_length(context, wsi, session->left,
					       &p, end) ||
	    lws_finalize_http_header(context, wsi, &p, end))
		return -1;
	if (libwebsocket_write(wsi, head, (size_t)(p - head),
			       LWS_WRITE_HTTP_HEADERS) < 0)
		return -1;
	libwebsocket_callback_on_writable(context, wsi);
	return 0;
}

/* Pieces until the peer has enough for now, or the file has ended. */
static int
go_on_by_hand(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      struct http_session *session)
{
	unsigned char piece[PIECE];
	size_t len;

	while (session->left) {
		len = fread(piece, 1, session->left < PIECE ?
			    session->left : PIECE, session->file);
		if (!len)
			return -1;	/* it became shorter than promised */
		session->left -= len;
		if (libwebsocket_write(wsi, piece, len, session->left ?
				       LWS_WRITE_HTTP : LWS_WRITE_HTTP_FINAL)
		    < 0)
			return -1;
		if (session->left && lws_send_pipe_choked(wsi)) {
			libwebsocket_set_timeout(wsi,
						 PENDING_TIMEOUT_HTTP_CONTENT,
						 SECONDS_PER_PIECE);
			libwebsocket_callback_on_writable(context, wsi);
			return 0;
		}
	}
	close_file(session);
	return responded(wsi);
}

static int
serve_leaf(struct libwebsocket_context *context, struct libwebsocket *wsi,
	   struct http_session *session)
{
	char path[PATH_MAX];
	unsigned int status = find_file("leaf.jpg", path);

	if (status == HTTP_STATUS_OK && open_file(session, path))
		status = HTTP_STATUS_NOT_FOUND;
	if (status != HTTP_STATUS_OK)
		return respond_status(context, wsi, status);
	return start_by_hand(context, wsi, session, "image/jpeg");
}

/* ---- requests ---- */

static int
refuse_method(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	static const char allowed[] = "GET, HEAD, POST";
	unsigned char head[512], *p = head, *end = head + sizeof(head);

	if (!lws_add_http_header_status(context, wsi,
					HTTP_STATUS_METHOD_NOT_ALLOWED, &p,
					end) &&
	    !lws_add_http_header_by_token(context, wsi, WSI_TOKEN_HTTP_ALLOW,
					  (const unsigned char *)allowed,
					  (int)strlen(allowed), &p, end) &&
	    !lws_add_http_header_content_length(context, wsi, 0, &p, end) &&
	    !lws_add_http_header_by_token(context, wsi, WSI_TOKEN_CONNECTION,
					  (const unsigned char *)"close", 5,
					  &p, end) &&
	    !lws_finalize_http_header(context, wsi, &p, end))
		libwebsocket_write(wsi, head, (size_t)(p - head),
				   LWS_WRITE_HTTP_HEADERS);
	return -1;
}

static int
handle_request(struct libwebsocket_context *context, struct libwebsocket *wsi,
	       struct http_session *session, const char *uri)
{
	const char *name = uri + 1;

	print_headers(wsi);
	session->posting = false;
	if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0) {
		session->posting = true;
		return 0;	/* its body comes next */
	}
	if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) <= 0)
		return refuse_method(context, wsi);

	if (*uri != '/')
		return respond_status(context, wsi, HTTP_STATUS_BAD_REQUEST);
	if (!*name)
		return serve_file(context, wsi, "test.html", true);
	if (!is_plain_name(name))
		return respond_status(context, wsi, HTTP_STATUS_FORBIDDEN);
	if (!strcmp(name, "leaf.jpg"))
		return serve_leaf(context, wsi, session);
	return serve_file(context, wsi, name, false);
}

static void
show_body(const char *body, size_t len)
{
	char start[POST_SHOWN + 1];
	size_t shown = len < POST_SHOWN ? len : POST_SHOWN;

	memcpy(start, body, shown);
	start[shown] = '\0';
	lwsl_notice("LWS_CALLBACK_HTTP_BODY: %s... len %d\n", printable(start),
		    (int)len);
}

static int
end_of_body(struct libwebsocket_context *context, struct libwebsocket *wsi,
	    struct http_session *session)
{
	if (!session->posting)
		return 0;
	session->posting = false;
	lwsl_notice("LWS_CALLBACK_HTTP_BODY_COMPLETION\n");
	return respond_status(context, wsi, HTTP_STATUS_OK);
}

int
http_callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	struct http_session *session = user;

	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
		return handle_request(context, wsi, session, in);
	case LWS_CALLBACK_HTTP_BODY:
		show_body(in, len);
		return 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return end_of_body(context, wsi, session);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		if (!session || !session->file)
			return 0;
		return go_on_by_hand(context, wsi, session);
	case LWS_CALLBACK_CLOSED_HTTP:
		if (session)
			close_file(session);
		return 0;
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		print_headers(wsi);
		return 0;
	default:
		return loop_callback(reason, in);
	}
}
