/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libwebsockets.h - everything an application may use.
 *
 * WebSocket (RFC 6455) and HTTP/1.1 (RFC 9112) connections, both ends of them,
 * served by one loop that calls the application back.  An application
 *
 *	1. lists its protocols, each with a callback,
 *	2. calls libwebsocket_create_context(),
 *	3. calls libwebsocket_service() until that is negative, and
 *	4. calls libwebsocket_context_destroy().
 *
 * Every function is called from the thread that runs the loop, inside or
 * outside of callbacks, unless its description says otherwise.  Descriptions
 * use these words exactly: a function borrows what it needs for the call,
 * keeps what must outlive the object, takes what it owns from then on, gives
 * what the caller owns from then on and fills memory of the caller.
 *
 * Where the interfaces of the years 2013 to 2015 disagree, the macro
 * LWS_API_ERA, defined before the inclusion, selects one; the end of this file
 * tells how.  A program written for the last of them needs nothing.
 */
#ifndef LWS_LIBWEBSOCKETS_H
#define LWS_LIBWEBSOCKETS_H

/*
 * Macros with any number of arguments and inline functions are used below also
 * where the standard asked for has neither; no warning shall come of it.
 */
#ifdef __GNUC__
#pragma GCC system_header
#endif

/* in front of all others: it has to come before windows.h */
#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <netdb.h>
#include <poll.h>
#endif

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/time.h>
#include <unistd.h>

#include "lws_config.h"

/* programs that use TLS expect its types from here */
#ifdef LWS_OPENSSL_SUPPORT
#include <openssl/ssl.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * LWS_EXTERN and LWS_VISIBLE - linkage of a public function: declared here,
 * defined in the library, seen from outside of it.  Applications may use them
 * for functions of their own.
 *
 * On Windows a program that links the DLL may define LWS_DLL: its calls then
 * go to the DLL without a detour.  LWS_INTERNAL is for the library itself.
 */
#ifndef LWS_EXTERN
#if defined(_WIN32) && defined(LWS_DLL) && defined(LWS_INTERNAL)
#define LWS_EXTERN extern __declspec(dllexport)
#elif defined(_WIN32) && defined(LWS_DLL)
#define LWS_EXTERN extern __declspec(dllimport)
#else
#define LWS_EXTERN extern
#endif
#endif
#ifndef LWS_VISIBLE
#if defined(__GNUC__) && !defined(_WIN32)
#define LWS_VISIBLE __attribute__((visibility("default")))
#else
#define LWS_VISIBLE
#endif
#endif

/* Let the compiler check argument @args and later against the format @fmt. */
#ifdef __MINGW32__
#define LWS_PRINTF_LIKE(fmt, args) \
	__attribute__((format(gnu_printf, fmt, args)))
#elif defined(__GNUC__)
#define LWS_PRINTF_LIKE(fmt, args) \
	__attribute__((format(printf, fmt, args)))
#else
#define LWS_PRINTF_LIKE(fmt, args)
#endif

/* the interface the application was written for; see the end of this file */
#ifndef LWS_API_ERA
#define LWS_API_ERA 140
#endif

/*
 * LWS_SEND_BUFFER_PRE_PADDING and LWS_SEND_BUFFER_POST_PADDING - bytes that
 * programs leave free in front of and behind what they give to
 * libwebsocket_write().  The values are what they always were.  This library
 * neither needs nor touches that room: a buffer without it is as good.
 */
#define MAX_MUX_RECURSION 2
#define LWS_SEND_BUFFER_PRE_PADDING (4 + 10 + (2 * MAX_MUX_RECURSION))
#define LWS_SEND_BUFFER_POST_PADDING 4

/**
 * struct libwebsocket_pollfd - the struct of poll(2) by the name that it has on
 * every system
 * @fd:		socket
 * @events:	what to wait for
 * @revents:	what there is
 *
 * On Windows it looks like WSAPOLLFD, so that an array of them can be given to
 * WSAPoll() by a cast.
 */
#ifdef _WIN32
struct libwebsocket_pollfd {
	SOCKET fd;
	SHORT events;
	SHORT revents;
};

/* what it has always been there; numbers of sockets are no small integers */
#define getdtablesize() 30000
#else
#define libwebsocket_pollfd pollfd
#endif

/* struct libwebsocket - one connection, in the descriptions below a wsi */
struct libwebsocket;

/* struct libwebsocket_context - one instance of the library */
struct libwebsocket_context;

/* ---- logging ---- */

/**
 * enum lws_log_levels - kinds of log lines; a mask has one bit for each
 * @LLL_ERR:		something failed
 * @LLL_WARN:		something is not as it should be; work goes on
 * @LLL_NOTICE:		what an operator likes to know, rarely
 * @LLL_INFO:		what happens to connections
 * @LLL_DEBUG:		how it happens
 * @LLL_PARSER:		parsing, step by step
 * @LLL_HEADER:		header fields
 * @LLL_EXT:		extensions
 * @LLL_CLIENT:		the client side's way to the server
 * @LLL_LATENCY:	time spent in calls that may block
 * @LLL_COUNT:		the number of bits
 */
enum lws_log_levels {
	LLL_ERR = 1 << 0,
	LLL_WARN = 1 << 1,
	LLL_NOTICE = 1 << 2,
	LLL_INFO = 1 << 3,
	LLL_DEBUG = 1 << 4,
	LLL_PARSER = 1 << 5,
	LLL_HEADER = 1 << 6,
	LLL_EXT = 1 << 7,
	LLL_CLIENT = 1 << 8,
	LLL_LATENCY = 1 << 9,

	LLL_COUNT = 10
};

/**
 * lws_set_log_level() - choose what is logged and where to
 * @level:	or'd enum lws_log_levels; only these are logged from now on
 * @emit:	called with the single bit and the text of each line, which
 *		ends in a newline when its writer gave it one and is borrowed;
 *		kept for the life of the process.  NULL: the one in use stays
 *
 * Both are one setting for the whole process.  Without this call errors,
 * warnings and notices go to stderr, each line behind the seconds since 1970,
 * a colon, tenths of milliseconds, and its kind.
 *
 * May be called at any time, also before there is a context and from any
 * thread; threads that log meanwhile use either setting.  @emit is called from
 * whatever thread logs.
 */
LWS_VISIBLE LWS_EXTERN void
lws_set_log_level(int level, void (*emit)(int level, const char *line));

/**
 * lwsl_emit_syslog() - send a log line to syslog(3)
 * @level:	one bit of enum lws_log_levels
 * @line:	text; borrowed
 *
 * Made to be given to lws_set_log_level().  The application calls openlog(),
 * setlogmask() and closelog() as it likes.  LLL_ERR becomes LOG_ERR, LLL_WARN
 * LOG_WARNING, LLL_NOTICE LOG_NOTICE, LLL_INFO LOG_INFO, the rest LOG_DEBUG.
 *
 * May be called from any thread.
 */
LWS_VISIBLE LWS_EXTERN void
lwsl_emit_syslog(int level, const char *line);

/**
 * _lws_log() - log a line, if its kind is being logged
 * @filter:	one bit of enum lws_log_levels
 * @format:	as for printf(3), with a newline at its end
 *
 * Text beyond 255 characters is cut off.  Programs write lwsl_err() and its
 * like instead.  May be called from any thread.
 */
LWS_VISIBLE LWS_EXTERN void
_lws_log(int filter, const char *format, ...) LWS_PRINTF_LIKE(2, 3);

/**
 * _lws_logv() - _lws_log() for who has the arguments in a va_list
 * @filter:	one bit of enum lws_log_levels
 * @format:	as for printf(3), with a newline at its end
 * @args:	its arguments; used up
 */
LWS_VISIBLE LWS_EXTERN void
_lws_logv(int filter, const char *format, va_list args) LWS_PRINTF_LIKE(2, 0);

/**
 * lwsl_hexdump() - log bytes at LLL_DEBUG, sixteen a line
 * @buf:	borrowed, only read
 * @len:	bytes at @buf
 *
 * Each line has the offset, the bytes in hex and what of them can be printed.
 * In programs built without _DEBUG the name is a macro that does nothing.  May
 * be called from any thread.
 */
LWS_VISIBLE LWS_EXTERN void
lwsl_hexdump(void *buf, size_t len);

/*
 * lwsl_err() and its like take a format and its arguments.  The first three
 * are always there; the others only where the file that uses them is compiled
 * with _DEBUG: else their arguments are not even evaluated.  How the library
 * itself was built makes no difference to that.
 */
#define lwsl_err(...) _lws_log(LLL_ERR, __VA_ARGS__)
#define lwsl_warn(...) _lws_log(LLL_WARN, __VA_ARGS__)
#define lwsl_notice(...) _lws_log(LLL_NOTICE, __VA_ARGS__)

#ifdef _DEBUG
#define lwsl_info(...) _lws_log(LLL_INFO, __VA_ARGS__)
#define lwsl_debug(...) _lws_log(LLL_DEBUG, __VA_ARGS__)
#define lwsl_parser(...) _lws_log(LLL_PARSER, __VA_ARGS__)
#define lwsl_header(...) _lws_log(LLL_HEADER, __VA_ARGS__)
#define lwsl_ext(...) _lws_log(LLL_EXT, __VA_ARGS__)
#define lwsl_client(...) _lws_log(LLL_CLIENT, __VA_ARGS__)
#define lwsl_latency(...) _lws_log(LLL_LATENCY, __VA_ARGS__)
#else
#define lwsl_info(...) ((void)0)
#define lwsl_debug(...) ((void)0)
#define lwsl_parser(...) ((void)0)
#define lwsl_header(...) ((void)0)
#define lwsl_ext(...) ((void)0)
#define lwsl_client(...) ((void)0)
#define lwsl_latency(...) ((void)0)
#define lwsl_hexdump(...) ((void)0)
#endif

/* ---- enumerations ---- */

/**
 * enum libwebsocket_context_options - bits for the options of a context
 * @LWS_SERVER_OPTION_DEFEAT_CLIENT_MASK:
 *	clients send unmasked and servers accept that, against RFC 6455
 *	section 5.1; for tests
 * @LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT:
 *	a TLS server asks its clients for a certificate and verifies it
 * @LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME:
 *	do not look up the name of this host, which may take long;
 *	libwebsocket_canonical_hostname() is then "unknown"
 * @LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT:
 *	the port of a TLS server takes connections without TLS as well
 * @LWS_SERVER_OPTION_LIBEV:
 *	as "libev" for event_backend, where that is NULL and the library was
 *	built with libev; else ignored
 * @LWS_SERVER_OPTION_DISABLE_IPV6:
 *	IPv4 only, listening and connecting
 * @LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS:
 *	TLS clients do not trust what the system trusts
 * @LWS_SERVER_OPTION_SKIP_UTF8_CHECK:
 *	received text is delivered without looking whether it is UTF-8; else a
 *	text that is not ends the connection with Close 1007, RFC 6455 section
 *	8.1
 * @LWS_SERVER_OPTION_KTLS:
 *	once a TLS handshake is done the kernel encrypts and decrypts, where
 *	it and OpenSSL know how; else this changes next to nothing.  Linux
 *	wants its module tls loaded
 */
enum libwebsocket_context_options {
	LWS_SERVER_OPTION_DEFEAT_CLIENT_MASK = 1 << 0,
	LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT = 1 << 1,
	LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME = 1 << 2,
	LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT = 1 << 3,
	LWS_SERVER_OPTION_LIBEV = 1 << 4,
	LWS_SERVER_OPTION_DISABLE_IPV6 = 1 << 5,
	LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS = 1 << 6,
	LWS_SERVER_OPTION_SKIP_UTF8_CHECK = 1 << 16,
	LWS_SERVER_OPTION_KTLS = 1 << 17
};

/**
 * enum libwebsocket_write_protocol - what libwebsocket_write() shall send
 * @LWS_WRITE_TEXT:		a text message, or its first fragment; UTF-8
 * @LWS_WRITE_BINARY:		a binary message, or its first fragment
 * @LWS_WRITE_CONTINUATION:	a later fragment of either
 * @LWS_WRITE_HTTP:		bytes as they are, of an HTTP response
 * @LWS_WRITE_CLOSE:		a Close frame: empty, or two bytes of
 *				status, the high one first, and a reason in
 *				UTF-8
 * @LWS_WRITE_PING:		a Ping frame, at most 125 bytes
 * @LWS_WRITE_PONG:		a Pong frame, at most 125 bytes
 * @LWS_WRITE_HTTP_FINAL:	as LWS_WRITE_HTTP, the last of its response
 * @LWS_WRITE_HTTP_HEADERS:	as LWS_WRITE_HTTP, a complete header block
 * @LWS_WRITE_NO_FIN:		flag: more fragments of this message follow
 * @LWS_WRITE_NO_COMPRESS:	flag: this message travels as it is, although
 *				permessage-deflate or deflate-frame is in use;
 *				on its first fragment it is for all of them.
 *				For what is compressed already, or holds a
 *				secret beside text that an attacker chooses
 * @LWS_WRITE_MAY_WAIT:	flag, for lws_broadcast_message(): the message may
 *				wait a little, so that more of them leave
 *				together
 * @LWS_WRITE_CLIENT_IGNORE_XOR_MASK:
 *				flag: a client masks with an all-zero key,
 *				which changes nothing; for tests
 *
 * A message in fragments is LWS_WRITE_TEXT or LWS_WRITE_BINARY with
 * LWS_WRITE_NO_FIN, any number of LWS_WRITE_CONTINUATION with it, and one
 * LWS_WRITE_CONTINUATION without.  Nobody checks that order.  RFC 6455
 * sections 5.2 to 5.6.
 */
enum libwebsocket_write_protocol {
	LWS_WRITE_TEXT = 0,
	LWS_WRITE_BINARY = 1,
	LWS_WRITE_CONTINUATION = 2,
	LWS_WRITE_HTTP = 3,
	LWS_WRITE_CLOSE = 4,
	LWS_WRITE_PING = 5,
	LWS_WRITE_PONG = 6,
	LWS_WRITE_HTTP_FINAL = 7,
	LWS_WRITE_HTTP_HEADERS = 8,

	LWS_WRITE_MAY_WAIT = 0x10,
	LWS_WRITE_NO_COMPRESS = 0x20,
	LWS_WRITE_NO_FIN = 0x40,
	LWS_WRITE_CLIENT_IGNORE_XOR_MASK = 0x80
};

/**
 * enum libwebsocket_callback_reasons - why a protocol's callback is called
 *
 * A reason goes to the protocol the connection is bound to, or, where it says
 * "first", to the first in the list, which also serves plain HTTP.  @user is
 * the connection's user space, @in is NULL and @len is 0, and the result does
 * not matter, unless it says otherwise.  "Nonzero closes" means: what was
 * written is sent, the closing reasons follow, then the wsi is gone.
 *
 * Answer 0 to every reason you do not know.
 *
 * Server side, a WebSocket connection:
 *
 * @LWS_CALLBACK_ESTABLISHED:
 *	the connection is open, the answer to its request is on its way;
 *	negative closes
 * @LWS_CALLBACK_RECEIVE:
 *	@in has @len bytes of a message, see struct libwebsocket_protocols for
 *	how many; @in[@len] is a NUL that may be written to; all of it is
 *	valid until the callback returns.  An empty frame comes with @len 0.
 *	Nonzero closes
 * @LWS_CALLBACK_SERVER_WRITEABLE:
 *	the peer can take more; comes once after each
 *	libwebsocket_callback_on_writable() and now and then unasked.  Nonzero
 *	closes
 * @LWS_CALLBACK_CLOSED:
 *	an open connection, of either side, is over; the last use of it by its
 *	protocol.  User space is freed afterwards
 *
 * Client side:
 *
 * @LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
 *	the attempt to connect failed, @user may be NULL; the wsi is over.
 *	Goes to the first protocol while none is agreed on.  @in is a text
 *	that tells why, as "connection refused by 127.0.0.1:7681", @len its
 *	length
 * @LWS_CALLBACK_CLIENT_RECONNECTING:
 *	follows LWS_CALLBACK_CLIENT_CONNECTION_ERROR or LWS_CALLBACK_CLOSED of
 *	a connection that lws_client_connect_info() keeps up: @in is why, a
 *	text, and @len the milliseconds until the next attempt, which will be
 *	another wsi; nonzero gives up.  When such an attempt cannot even begin
 *	this goes to the first protocol with wsi NULL, and @user as given
 * @LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
 *	the server's answer is good and its headers can be read with
 *	lws_hdr_copy(), now only; nonzero rejects it, which is then a
 *	LWS_CALLBACK_CLIENT_CONNECTION_ERROR
 * @LWS_CALLBACK_CLIENT_ESTABLISHED:
 *	the connection is open; negative closes
 * @LWS_CALLBACK_CLIENT_RECEIVE:
 *	as LWS_CALLBACK_RECEIVE
 * @LWS_CALLBACK_CLIENT_RECEIVE_PONG:
 *	a Pong arrived, its payload at @in; nonzero closes
 * @LWS_CALLBACK_CLIENT_WRITEABLE:
 *	as LWS_CALLBACK_SERVER_WRITEABLE
 * @LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
 *	first; the request is being written: @in is a char ** to where it ends
 *	and @len the bytes of room there.  Add lines, each ending in CR LF,
 *	and move the pointer on
 * @LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED:
 *	first; the extension whose name is at @in is about to be offered;
 *	nonzero holds it back
 *
 * Server side, HTTP; all go to the first protocol:
 *
 * @LWS_CALLBACK_HTTP:
 *	a request is here, its path at @in, @len characters, decoded and
 *	without "..".  Headers can be read with lws_hdr_copy().  Answer it,
 *	now or later; nonzero closes
 * @LWS_CALLBACK_HTTP_BODY:
 *	@in has the next @len bytes of the request's body; nonzero closes
 * @LWS_CALLBACK_HTTP_BODY_COMPLETION:
 *	the body is complete; nonzero closes
 * @LWS_CALLBACK_HTTP_FILE_COMPLETION:
 *	libwebsockets_serve_http_file() has sent it all; nonzero closes
 * @LWS_CALLBACK_HTTP_WRITEABLE:
 *	as LWS_CALLBACK_SERVER_WRITEABLE, for an HTTP connection; only
 *	negative closes
 * @LWS_CALLBACK_CLOSED_HTTP:
 *	a connection that made an HTTP request and did not become a WebSocket
 *	is over
 *
 * Server side, who may come in:
 *
 * @LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
 *	first; a TCP connection was accepted, its descriptor is
 *	(int)(long)@in and (int)(long)@user; wsi is the listener.  Nonzero
 *	drops it
 * @LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
 *	first; a server connection has its wsi; @user is NULL
 * @LWS_CALLBACK_FILTER_HTTP_CONNECTION:
 *	first; before LWS_CALLBACK_HTTP and with the same @in; nonzero closes
 * @LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
 *	a WebSocket request is about to be accepted by this protocol; @in is
 *	the text of Sec-WebSocket-Protocol, @len its length, or NULL.  Headers
 *	can be read with lws_hdr_copy().  Nonzero refuses with status 403
 * @LWS_CALLBACK_CONFIRM_EXTENSION_OKAY:
 *	first; the extension whose name is at @in is about to be accepted;
 *	nonzero declines it
 *
 * Of contexts and connections in general:
 *
 * @LWS_CALLBACK_PROTOCOL_INIT:
 *	each; the context is being created; wsi and @user are NULL
 * @LWS_CALLBACK_PROTOCOL_DESTROY:
 *	each; the context is being destroyed, all connections are over; wsi
 *	and @user are NULL
 * @LWS_CALLBACK_WSI_CREATE:
 *	first; the very first of a connection; @user is NULL
 * @LWS_CALLBACK_WSI_DESTROY:
 *	first; the very last of a connection; @user belongs to the protocol it
 *	was bound to
 * @LWS_CALLBACK_GET_THREAD_ID:
 *	first; the result is the caller's thread id, 0 when threads are not
 *	used; wsi and @user are NULL
 *
 * For programs that do the waiting themselves; all go to the first protocol.
 * @in is a struct libwebsocket_pollargs *, @user may be NULL, wsi is NULL for
 * a descriptor that only wakes the loop:
 *
 * @LWS_CALLBACK_ADD_POLL_FD:
 *	watch this descriptor for these events; nonzero refuses the connection
 * @LWS_CALLBACK_DEL_POLL_FD:
 *	watch it no longer; it is closed after that
 * @LWS_CALLBACK_CHANGE_MODE_POLL_FD:
 *	watch it for other events
 * @LWS_CALLBACK_LOCK_POLL:
 *	one of the three comes next: take a lock where threads need one
 * @LWS_CALLBACK_UNLOCK_POLL:
 *	release it
 * @LWS_CALLBACK_SET_MODE_POLL_FD:
 *	before era 130 only: watch also for the events in @len
 * @LWS_CALLBACK_CLEAR_MODE_POLL_FD:
 *	before era 130 only: watch no longer for the events in @len
 *
 * Of TLS; all go to the first protocol, wsi is NULL:
 *
 * @LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS:
 *	@user is the SSL_CTX of the clients, ready to be given more
 *	certificates
 * @LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
 *	the same for the server, when it verifies its clients
 * @LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION:
 *	OpenSSL verifies a certificate: @user is its X509_STORE_CTX, @in the
 *	SSL, @len its own verdict; context is NULL too.  Nonzero rejects; 0
 *	leaves it to that verdict, which a callback overrules by setting the
 *	error of the X509_STORE_CTX to X509_V_OK
 * @LWS_CALLBACK_OPENSSL_CONTEXT_REQUIRES_PRIVATE_KEY:
 *	a certificate was given without a key: load it into the SSL_CTX @user;
 *	nonzero fails
 *
 * Others:
 *
 * @LWS_CALLBACK_BROADCAST:
 *	a payload for every connection of the protocol, at @in: see
 *	libwebsockets_broadcast().  A negative result closes
 * @LWS_CALLBACK_USER:
 *	this and greater values belong to the application, for
 *	libwebsocket_callback_all_protocol()
 */
enum libwebsocket_callback_reasons {
	LWS_CALLBACK_ESTABLISHED,
	LWS_CALLBACK_CLIENT_CONNECTION_ERROR,
	LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH,
	LWS_CALLBACK_CLIENT_ESTABLISHED,
	LWS_CALLBACK_CLOSED,
	LWS_CALLBACK_CLOSED_HTTP,
	LWS_CALLBACK_RECEIVE,
	LWS_CALLBACK_CLIENT_RECEIVE,
	LWS_CALLBACK_CLIENT_RECEIVE_PONG,
	LWS_CALLBACK_CLIENT_WRITEABLE,
	LWS_CALLBACK_SERVER_WRITEABLE,
	LWS_CALLBACK_HTTP,
	LWS_CALLBACK_HTTP_BODY,
	LWS_CALLBACK_HTTP_BODY_COMPLETION,
	LWS_CALLBACK_HTTP_FILE_COMPLETION,
	LWS_CALLBACK_HTTP_WRITEABLE,
	LWS_CALLBACK_FILTER_NETWORK_CONNECTION,
	LWS_CALLBACK_FILTER_HTTP_CONNECTION,
	LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED,
	LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION,
	LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS,
	LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS,
	LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION,
	LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER,
	LWS_CALLBACK_CONFIRM_EXTENSION_OKAY,
	LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED,
	LWS_CALLBACK_PROTOCOL_INIT,
	LWS_CALLBACK_PROTOCOL_DESTROY,
	LWS_CALLBACK_WSI_CREATE,
	LWS_CALLBACK_WSI_DESTROY,
	LWS_CALLBACK_GET_THREAD_ID,
	LWS_CALLBACK_ADD_POLL_FD,
	LWS_CALLBACK_DEL_POLL_FD,
	LWS_CALLBACK_CHANGE_MODE_POLL_FD,
	LWS_CALLBACK_LOCK_POLL,
	LWS_CALLBACK_UNLOCK_POLL,
	LWS_CALLBACK_OPENSSL_CONTEXT_REQUIRES_PRIVATE_KEY,
	LWS_CALLBACK_BROADCAST,
	LWS_CALLBACK_SET_MODE_POLL_FD,
	LWS_CALLBACK_CLEAR_MODE_POLL_FD,
	LWS_CALLBACK_CLIENT_RECONNECTING,
	LWS_CALLBACK_USER = 1000
};

/**
 * enum libwebsocket_extension_callback_reasons - why an extension's callback
 * is called
 *
 * "All" goes to every extension of the context, "active" to those in use on
 * the connection; @user is the extension's own space of that connection, NULL
 * where it has none.  A result means nothing where none is given here; unknown
 * reasons are answered 0.
 *
 * What an extension transforms, PACKET_RX_PREPARSE, PACKET_TX_PRESEND,
 * PAYLOAD_RX and PAYLOAD_TX, comes in a struct lws_tokens at @in.  What that
 * shows on return goes on, so who leaves it alone lets everything pass.  The
 * bytes it shows may be changed where they are, and made fewer; there is no
 * room behind them, and they are gone after the callback.  What is to be sent
 * is a copy: the application's memory is never written to.  For more, @token
 * is pointed to memory of the extension's own, with no room around it.  That
 * must stay as it is until the extension is called for the same direction
 * again, be it for another connection, or the connection is over.
 *
 * A negative result of these, of PACKET_TX_DO_SEND or FLUSH_PENDING_TX ends
 * the connection, with status 1002 if it came from one of the RX.  So does a
 * negative @token_len.  Extensions are called in the order agreed on for what
 * is sent, in reverse for what is received.
 *
 * An extension may write to connections, but not from inside PAYLOAD_TX,
 * PACKET_TX_PRESEND or PACKET_TX_DO_SEND to the one that it is called about:
 * libwebsocket_write() fails then.  It may close any; its own one is over when
 * the callback has returned.
 *
 * @LWS_EXT_CALLBACK_SERVER_CONTEXT_CONSTRUCT:
 *	all; a listening context is being created; negative fails that
 * @LWS_EXT_CALLBACK_CLIENT_CONTEXT_CONSTRUCT:
 *	all; a context that does not listen is
 * @LWS_EXT_CALLBACK_SERVER_CONTEXT_DESTRUCT:
 *	all; the former is being destroyed
 * @LWS_EXT_CALLBACK_CLIENT_CONTEXT_DESTRUCT:
 *	all; the latter is
 * @LWS_EXT_CALLBACK_CONSTRUCT:
 *	a server accepted this extension; nonzero declines it
 * @LWS_EXT_CALLBACK_CLIENT_CONSTRUCT:
 *	a client had it accepted; nonzero fails the connection
 * @LWS_EXT_CALLBACK_CHECK_OK_TO_REALLY_CLOSE:
 *	active; a callback wants the connection to close; positive keeps it,
 *	and it goes on as if nothing had been said
 * @LWS_EXT_CALLBACK_CHECK_OK_TO_PROPOSE_EXTENSION:
 *	all; nonzero keeps the extension named at @in from being offered
 * @LWS_EXT_CALLBACK_DESTROY:
 *	active; the connection is over, the extension's space is freed next.
 *	Does not follow a nonzero CONSTRUCT or CLIENT_CONSTRUCT
 * @LWS_EXT_CALLBACK_DESTROY_ANY_WSI_CLOSING:
 *	all; some connection is over
 * @LWS_EXT_CALLBACK_ANY_WSI_ESTABLISHED:
 *	all; some connection is open
 * @LWS_EXT_CALLBACK_PACKET_RX_PREPARSE:
 *	active; @in has bytes as received, cut anywhere; positive asks to be
 *	called again, with { NULL, 0 }, for more
 * @LWS_EXT_CALLBACK_PACKET_TX_PRESEND:
 *	active; @in has a complete frame; positive asks to be called again,
 *	with { NULL, 0 }, for more
 * @LWS_EXT_CALLBACK_PACKET_TX_DO_SEND:
 *	active; send the @len bytes at *(unsigned char **)@in; the bytes sent,
 *	or 0 to leave that to the library
 * @LWS_EXT_CALLBACK_HANDSHAKE_REPLY_TX:
 *	active; the @len bytes at @in answer the request; nonzero when they
 *	have been sent
 * @LWS_EXT_CALLBACK_FLUSH_PENDING_TX:
 *	active; the connection is about to close: @in has { NULL, 0 }, and is
 *	to show what is still held, as it shall travel; positive asks to be
 *	called again for more
 * @LWS_EXT_CALLBACK_EXTENDED_PAYLOAD_RX:
 *	active; @in has payload of an opcode nobody else knows, to be read
 *	only; positive when it was used
 * @LWS_EXT_CALLBACK_CAN_PROXY_CLIENT_CONNECTION:
 *	all; a client connects to the host at @in, port @len; @user is the
 *	extension's place in the array, (void *)(long); positive takes the
 *	connection over
 * @LWS_EXT_CALLBACK_1HZ:
 *	active; once a second, @len is the time
 * @LWS_EXT_CALLBACK_REQUEST_ON_WRITEABLE:
 *	active; somebody wants to write; nonzero when this is being handled
 * @LWS_EXT_CALLBACK_IS_WRITEABLE:
 *	active; the connection can take more
 * @LWS_EXT_CALLBACK_PAYLOAD_TX:
 *	active; @in has the payload of a data frame to be sent, which may be
 *	empty; the frame is sent with what is there then
 * @LWS_EXT_CALLBACK_PAYLOAD_RX:
 *	active; @in has payload of a data frame received, cut anywhere: @len,
 *	or'd enum lws_ext_frame_flags, says where in the frame.  A @token_len
 *	of 0 delivers nothing yet
 */
enum libwebsocket_extension_callback_reasons {
	LWS_EXT_CALLBACK_SERVER_CONTEXT_CONSTRUCT,
	LWS_EXT_CALLBACK_CLIENT_CONTEXT_CONSTRUCT,
	LWS_EXT_CALLBACK_SERVER_CONTEXT_DESTRUCT,
	LWS_EXT_CALLBACK_CLIENT_CONTEXT_DESTRUCT,
	LWS_EXT_CALLBACK_CONSTRUCT,
	LWS_EXT_CALLBACK_CLIENT_CONSTRUCT,
	LWS_EXT_CALLBACK_CHECK_OK_TO_REALLY_CLOSE,
	LWS_EXT_CALLBACK_CHECK_OK_TO_PROPOSE_EXTENSION,
	LWS_EXT_CALLBACK_DESTROY,
	LWS_EXT_CALLBACK_DESTROY_ANY_WSI_CLOSING,
	LWS_EXT_CALLBACK_ANY_WSI_ESTABLISHED,
	LWS_EXT_CALLBACK_PACKET_RX_PREPARSE,
	LWS_EXT_CALLBACK_PACKET_TX_PRESEND,
	LWS_EXT_CALLBACK_PACKET_TX_DO_SEND,
	LWS_EXT_CALLBACK_HANDSHAKE_REPLY_TX,
	LWS_EXT_CALLBACK_FLUSH_PENDING_TX,
	LWS_EXT_CALLBACK_EXTENDED_PAYLOAD_RX,
	LWS_EXT_CALLBACK_CAN_PROXY_CLIENT_CONNECTION,
	LWS_EXT_CALLBACK_1HZ,
	LWS_EXT_CALLBACK_REQUEST_ON_WRITEABLE,
	LWS_EXT_CALLBACK_IS_WRITEABLE,
	LWS_EXT_CALLBACK_PAYLOAD_TX,
	LWS_EXT_CALLBACK_PAYLOAD_RX
};

/**
 * enum lws_ext_frame_flags - what part of its frame a payload is
 * @LWS_EXT_FRAME_FIRST: its beginning
 * @LWS_EXT_FRAME_LAST:	its end, which may be an empty payload
 *
 * The @len of LWS_EXT_CALLBACK_PAYLOAD_RX, and of LWS_EXT_CALLBACK_PAYLOAD_TX,
 * where it is always both.
 */
enum lws_ext_frame_flags {
	LWS_EXT_FRAME_FIRST = 1,
	LWS_EXT_FRAME_LAST = 2
};

/**
 * enum lws_token_indexes - names of what a request or a response can hold
 *
 * For lws_hdr_copy() and its like, and for lws_token_to_string(), which gives
 * the text of each.  A WSI_TOKEN_HTTP_name is the header field of that name,
 * hyphens instead of underscores; the others are:
 *
 * @WSI_TOKEN_GET_URI:		path of a GET or HEAD request
 * @WSI_TOKEN_POST_URI:		path of a POST request
 * @WSI_TOKEN_OPTIONS_URI:	path of an OPTIONS request
 * @WSI_TOKEN_PATCH_URI:	path of a PATCH request
 * @WSI_TOKEN_PUT_URI:		path of a PUT request
 * @WSI_TOKEN_DELETE_URI:	path of a DELETE request
 * @WSI_TOKEN_HTTP_URI_ARGS:	what followed the '?' behind it, not decoded
 * @WSI_TOKEN_HTTP:		version in a request; status code and text of
 *				a response
 * @WSI_TOKEN_HOST:		Host
 * @WSI_TOKEN_CONNECTION:	Connection
 * @WSI_TOKEN_UPGRADE:		Upgrade
 * @WSI_TOKEN_ORIGIN:		Origin, also Sec-WebSocket-Origin
 * @WSI_TOKEN_SWORIGIN:		Sec-WebSocket-Origin; what it holds is
 *				found at WSI_TOKEN_ORIGIN
 * @WSI_TOKEN_DRAFT:		Sec-WebSocket-Draft
 * @WSI_TOKEN_CHALLENGE:	what follows the header block in version 0
 * @WSI_TOKEN_EXTENSIONS:	Sec-WebSocket-Extensions
 * @WSI_TOKEN_KEY1:		Sec-WebSocket-Key1
 * @WSI_TOKEN_KEY2:		Sec-WebSocket-Key2
 * @WSI_TOKEN_PROTOCOL:		Sec-WebSocket-Protocol
 * @WSI_TOKEN_ACCEPT:		Sec-WebSocket-Accept
 * @WSI_TOKEN_NONCE:		Sec-WebSocket-Nonce
 * @WSI_TOKEN_KEY:		Sec-WebSocket-Key
 * @WSI_TOKEN_VERSION:		Sec-WebSocket-Version
 * @WSI_TOKEN_HTTP2_SETTINGS:	HTTP2-Settings
 * @WSI_TOKEN_HTTP_ACCEPT:	Accept
 * @WSI_TOKEN_HTTP_AC_REQUEST_HEADERS: Access-Control-Request-Headers
 * @WSI_TOKEN_HTTP_COLON_AUTHORITY: :authority, and the four after it; never
 *				found in HTTP/1
 * @WSI_TOKEN_PROXY:		never found
 * @WSI_TOKEN_MUXURL:		never found
 * @_WSI_TOKEN_CLIENT_SENT_PROTOCOLS: and the four after it: what a client
 *				connects with; for the library
 * @WSI_TOKEN_COUNT:		the number of all these
 * @WSI_TOKEN_NAME_PART:	this and those after it are no longer used
 */
enum lws_token_indexes {
	WSI_TOKEN_GET_URI,
	WSI_TOKEN_POST_URI,
	WSI_TOKEN_OPTIONS_URI,
	WSI_TOKEN_HOST,
	WSI_TOKEN_CONNECTION,
	WSI_TOKEN_UPGRADE,
	WSI_TOKEN_ORIGIN,
	WSI_TOKEN_DRAFT,
	WSI_TOKEN_CHALLENGE,
	WSI_TOKEN_EXTENSIONS,
	WSI_TOKEN_KEY1,
	WSI_TOKEN_KEY2,
	WSI_TOKEN_PROTOCOL,
	WSI_TOKEN_ACCEPT,
	WSI_TOKEN_NONCE,
	WSI_TOKEN_HTTP,
	WSI_TOKEN_HTTP2_SETTINGS,
	WSI_TOKEN_HTTP_ACCEPT,
	WSI_TOKEN_HTTP_AC_REQUEST_HEADERS,
	WSI_TOKEN_HTTP_IF_MODIFIED_SINCE,
	WSI_TOKEN_HTTP_IF_NONE_MATCH,
	WSI_TOKEN_HTTP_ACCEPT_ENCODING,
	WSI_TOKEN_HTTP_ACCEPT_LANGUAGE,
	WSI_TOKEN_HTTP_PRAGMA,
	WSI_TOKEN_HTTP_CACHE_CONTROL,
	WSI_TOKEN_HTTP_AUTHORIZATION,
	WSI_TOKEN_HTTP_COOKIE,
	WSI_TOKEN_HTTP_CONTENT_LENGTH,
	WSI_TOKEN_HTTP_CONTENT_TYPE,
	WSI_TOKEN_HTTP_DATE,
	WSI_TOKEN_HTTP_RANGE,
	WSI_TOKEN_HTTP_REFERER,
	WSI_TOKEN_KEY,
	WSI_TOKEN_VERSION,
	WSI_TOKEN_SWORIGIN,
	WSI_TOKEN_HTTP_COLON_AUTHORITY,
	WSI_TOKEN_HTTP_COLON_METHOD,
	WSI_TOKEN_HTTP_COLON_PATH,
	WSI_TOKEN_HTTP_COLON_SCHEME,
	WSI_TOKEN_HTTP_COLON_STATUS,
	WSI_TOKEN_HTTP_ACCEPT_CHARSET,
	WSI_TOKEN_HTTP_ACCEPT_RANGES,
	WSI_TOKEN_HTTP_ACCESS_CONTROL_ALLOW_ORIGIN,
	WSI_TOKEN_HTTP_AGE,
	WSI_TOKEN_HTTP_ALLOW,
	WSI_TOKEN_HTTP_CONTENT_DISPOSITION,
	WSI_TOKEN_HTTP_CONTENT_ENCODING,
	WSI_TOKEN_HTTP_CONTENT_LANGUAGE,
	WSI_TOKEN_HTTP_CONTENT_LOCATION,
	WSI_TOKEN_HTTP_CONTENT_RANGE,
	WSI_TOKEN_HTTP_ETAG,
	WSI_TOKEN_HTTP_EXPECT,
	WSI_TOKEN_HTTP_EXPIRES,
	WSI_TOKEN_HTTP_FROM,
	WSI_TOKEN_HTTP_IF_MATCH,
	WSI_TOKEN_HTTP_IF_RANGE,
	WSI_TOKEN_HTTP_IF_UNMODIFIED_SINCE,
	WSI_TOKEN_HTTP_LAST_MODIFIED,
	WSI_TOKEN_HTTP_LINK,
	WSI_TOKEN_HTTP_LOCATION,
	WSI_TOKEN_HTTP_MAX_FORWARDS,
	WSI_TOKEN_HTTP_PROXY_AUTHENTICATE,
	WSI_TOKEN_HTTP_PROXY_AUTHORIZATION,
	WSI_TOKEN_HTTP_REFRESH,
	WSI_TOKEN_HTTP_RETRY_AFTER,
	WSI_TOKEN_HTTP_SERVER,
	WSI_TOKEN_HTTP_SET_COOKIE,
	WSI_TOKEN_HTTP_STRICT_TRANSPORT_SECURITY,
	WSI_TOKEN_HTTP_TRANSFER_ENCODING,
	WSI_TOKEN_HTTP_USER_AGENT,
	WSI_TOKEN_HTTP_VARY,
	WSI_TOKEN_HTTP_VIA,
	WSI_TOKEN_HTTP_WWW_AUTHENTICATE,
	WSI_TOKEN_PROXY,
	WSI_TOKEN_PATCH_URI,
	WSI_TOKEN_PUT_URI,
	WSI_TOKEN_DELETE_URI,
	WSI_TOKEN_HTTP_URI_ARGS,
	WSI_TOKEN_MUXURL,
	_WSI_TOKEN_CLIENT_SENT_PROTOCOLS,
	_WSI_TOKEN_CLIENT_PEER_ADDRESS,
	_WSI_TOKEN_CLIENT_URI,
	_WSI_TOKEN_CLIENT_HOST,
	_WSI_TOKEN_CLIENT_ORIGIN,
	WSI_TOKEN_COUNT,
	WSI_TOKEN_NAME_PART,
	WSI_TOKEN_SKIPPING,
	WSI_TOKEN_SKIPPING_SAW_CR,
	WSI_PARSING_COMPLETE,
	WSI_INIT_TOKEN_MUXURL
};

/**
 * enum lws_close_status - why a connection ends: RFC 6455 section 7.4.1
 * @LWS_CLOSE_STATUS_NOSTATUS:		none; end without Close frame
 * @LWS_CLOSE_STATUS_NORMAL:		the purpose is fulfilled
 * @LWS_CLOSE_STATUS_GOINGAWAY:		the server ends, the page is left
 * @LWS_CLOSE_STATUS_PROTOCOL_ERR:	against the protocol
 * @LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE: a kind of data that is not accepted
 * @LWS_CLOSE_STATUS_RESERVED:		has no meaning; never sent
 * @LWS_CLOSE_STATUS_NO_STATUS:		Close without one; never sent
 * @LWS_CLOSE_STATUS_ABNORMAL_CLOSE:	no Close frame at all; never sent
 * @LWS_CLOSE_STATUS_INVALID_PAYLOAD:	text that is not UTF-8
 * @LWS_CLOSE_STATUS_POLICY_VIOLATION:	against the rules of the house
 * @LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE:	more than is taken
 * @LWS_CLOSE_STATUS_EXTENSION_REQUIRED: the server lacks an extension
 * @LWS_CLOSE_STATUS_UNEXPECTED_CONDITION: the server had an accident
 * @LWS_CLOSE_STATUS_TLS_FAILURE:	the TLS handshake failed; never sent
 * @LWS_CLOSE_STATUS_NOSTATUS_CONTEXT_DESTROY: for the library
 */
enum lws_close_status {
	LWS_CLOSE_STATUS_NOSTATUS = 0,
	LWS_CLOSE_STATUS_NORMAL = 1000,
	LWS_CLOSE_STATUS_GOINGAWAY = 1001,
	LWS_CLOSE_STATUS_PROTOCOL_ERR = 1002,
	LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE = 1003,
	LWS_CLOSE_STATUS_RESERVED = 1004,
	LWS_CLOSE_STATUS_NO_STATUS = 1005,
	LWS_CLOSE_STATUS_ABNORMAL_CLOSE = 1006,
	LWS_CLOSE_STATUS_INVALID_PAYLOAD = 1007,
	LWS_CLOSE_STATUS_POLICY_VIOLATION = 1008,
	LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE = 1009,
	LWS_CLOSE_STATUS_EXTENSION_REQUIRED = 1010,
	LWS_CLOSE_STATUS_UNEXPECTED_CONDITION = 1011,
	LWS_CLOSE_STATUS_TLS_FAILURE = 1015,
	LWS_CLOSE_STATUS_NOSTATUS_CONTEXT_DESTROY = 9999
};

/**
 * enum http_status - status codes of HTTP, RFC 9110 section 15
 *
 * For libwebsockets_return_http_status() and lws_add_http_header_status(),
 * which take any other code as well.
 */
enum http_status {
	HTTP_STATUS_OK = 200,
	HTTP_STATUS_NO_CONTENT = 204,
	HTTP_STATUS_BAD_REQUEST = 400,
	HTTP_STATUS_UNAUTHORIZED,
	HTTP_STATUS_PAYMENT_REQUIRED,
	HTTP_STATUS_FORBIDDEN,
	HTTP_STATUS_NOT_FOUND,
	HTTP_STATUS_METHOD_NOT_ALLOWED,
	HTTP_STATUS_NOT_ACCEPTABLE,
	HTTP_STATUS_PROXY_AUTH_REQUIRED,
	HTTP_STATUS_REQUEST_TIMEOUT,
	HTTP_STATUS_CONFLICT,
	HTTP_STATUS_GONE,
	HTTP_STATUS_LENGTH_REQUIRED,
	HTTP_STATUS_PRECONDITION_FAILED,
	HTTP_STATUS_REQ_ENTITY_TOO_LARGE,
	HTTP_STATUS_REQ_URI_TOO_LONG,
	HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE,
	HTTP_STATUS_REQ_RANGE_NOT_SATISFIABLE,
	HTTP_STATUS_EXPECTATION_FAILED,
	HTTP_STATUS_INTERNAL_SERVER_ERROR = 500,
	HTTP_STATUS_NOT_IMPLEMENTED,
	HTTP_STATUS_BAD_GATEWAY,
	HTTP_STATUS_SERVICE_UNAVAILABLE,
	HTTP_STATUS_GATEWAY_TIMEOUT,
	HTTP_STATUS_HTTP_VERSION_NOT_SUPPORTED
};

/**
 * enum pending_timeout - what a connection's timer is waiting for
 * @NO_PENDING_TIMEOUT:	nothing: the timer is off
 *
 * The library shows the others in its log; to an application, which gives one
 * to libwebsocket_set_timeout(), they are all the same.
 */
enum pending_timeout {
	NO_PENDING_TIMEOUT = 0,
	PENDING_TIMEOUT_AWAITING_PROXY_RESPONSE,
	PENDING_TIMEOUT_AWAITING_CONNECT_RESPONSE,
	PENDING_TIMEOUT_ESTABLISH_WITH_SERVER,
	PENDING_TIMEOUT_AWAITING_SERVER_RESPONSE,
	PENDING_TIMEOUT_AWAITING_PING,
	PENDING_TIMEOUT_CLOSE_ACK,
	PENDING_TIMEOUT_AWAITING_EXTENSION_CONNECT_RESPONSE,
	PENDING_TIMEOUT_SENT_CLIENT_HANDSHAKE,
	PENDING_TIMEOUT_SSL_ACCEPT,
	PENDING_TIMEOUT_HTTP_CONTENT,
	PENDING_TIMEOUT_AWAITING_CLIENT_HS_SEND
};

/* ---- structures ---- */

struct libwebsocket_extension;

/**
 * callback_function - a protocol's callback
 * @context:	the context; NULL while OpenSSL verifies a certificate
 * @wsi:	the connection, NULL for reasons that are not about one
 * @reason:	what happened; says what the others are
 * @user:	the connection's user space, or NULL
 * @in:		what came with it
 * @len:	bytes at @in
 *
 * A type of function, not of pointer.  Runs in the thread of the loop.  It may
 * write, ask for a writable callback, stop and resume receiving, set timeouts
 * and connect; it may not destroy the context nor call libwebsocket_service()
 * on it.  Returns 0 to carry on; see enum libwebsocket_callback_reasons.
 */
typedef int(callback_function)(struct libwebsocket_context *context,
			       struct libwebsocket *wsi,
			       enum libwebsocket_callback_reasons reason,
			       void *user, void *in, size_t len);

/**
 * extension_callback_function - an extension's callback
 * @context:	the context
 * @ext:	the extension, an element of the context's array
 * @wsi:	the connection, NULL for reasons that are not about one
 * @reason:	what happened; says what the others are
 * @user:	the extension's own space of that connection, or NULL
 * @in:		what came with it
 * @len:	as @reason says
 *
 * Returns 0 to carry on; see enum libwebsocket_extension_callback_reasons.
 */
typedef int(extension_callback_function)(
	struct libwebsocket_context *context,
	struct libwebsocket_extension *ext, struct libwebsocket *wsi,
	enum libwebsocket_extension_callback_reasons reason, void *user,
	void *in, size_t len);

/**
 * struct libwebsocket_protocols - a subprotocol the application speaks
 * @name:	as in Sec-WebSocket-Protocol, RFC 6455 section 1.9.  NULL:
 *		serves clients that name none
 * @callback:	called for everything that happens to its connections; NULL
 *		ends the array
 * @per_session_data_size: bytes of user space, zeroed, that each connection
 *		gets; 0: none
 * @rx_buffer_size: most bytes that one RECEIVE callback is given; a longer
 *		frame comes in parts of exactly so many and a shorter last
 *		one.  0: 4096
 * @id:		the application's; not looked at
 * @user:	the application's; not looked at
 * @owning_server: set by the library: the context
 * @protocol_index: set by the library: place in the array, from 0
 * @broadcast_socket_port: not used
 * @broadcast_socket_user_fd: not used
 * @no_buffer_all_partial_tx: nonzero: libwebsocket_write() keeps nothing of
 *		what the socket did not take, and returns how much it took
 * @max_message_size: 0: messages arrive in chunks, as ever.  Otherwise
 *		LWS_CALLBACK_RECEIVE and LWS_CALLBACK_CLIENT_RECEIVE come once
 *		for each whole message, of at most so many bytes; a longer one
 *		ends the connection with status 1009.  @rx_buffer_size then
 *		means nothing for messages
 *
 * An array of these belongs to one context at a time, which keeps and writes
 * to it.  The first also serves plain HTTP and whatever is not yet bound to a
 * protocol.  At most ten, unless the library was built for more.
 */
struct libwebsocket_protocols {
	const char *name;
	callback_function *callback;
	size_t per_session_data_size;
	size_t rx_buffer_size;
	unsigned int id;
	void *user;

	struct libwebsocket_context *owning_server;
	int protocol_index;
	int broadcast_socket_port;
	int broadcast_socket_user_fd;
	int no_buffer_all_partial_tx;
	size_t max_message_size;
};

/**
 * struct libwebsocket_extension - an extension of the application
 * @name:	as in Sec-WebSocket-Extensions, RFC 6455 section 9
 * @callback:	called for whatever concerns it; NULL ends the array
 * @per_session_data_size: bytes of space, zeroed, for each connection
 * @per_context_private_data: the extension's; not looked at
 */
struct libwebsocket_extension {
	const char *name;
	extension_callback_function *callback;
	size_t per_session_data_size;
	void *per_context_private_data;
};

/**
 * struct lws_tokens - bytes with their number
 * @token:	the bytes, or NULL
 * @token_len:	how many
 */
struct lws_tokens {
	char *token;
	int token_len;
};

/**
 * struct lws_token_limits - how long each header may be
 * @token_limit: most characters kept of it; what is beyond is left out with a
 *		warning, and 0 keeps none.  Requests are accepted all the same
 */
struct lws_token_limits {
	unsigned short token_limit[WSI_TOKEN_COUNT];
};

/**
 * struct libwebsocket_pollargs - a change of what to wait for
 * @fd:		the descriptor
 * @events:	POLLIN, POLLOUT or both: what to wait for from now on
 * @prev_events: what was waited for until now
 */
struct libwebsocket_pollargs {
	int fd;
	int events;
	int prev_events;
};

/**
 * struct lws_handle - the name of a connection, which may outlive it
 * @context:	the context that has it, NULL: of no connection
 * @place:	the library's
 * @generation:	the library's
 *
 * A value to copy and keep.  Two handles of one connection have equal members,
 * those of different ones have not.  It may be used as long as @context
 * exists.
 */
struct lws_handle {
	struct libwebsocket_context *context;
	unsigned int place;
	unsigned int generation;
};
typedef struct lws_handle lws_handle;

/**
 * enum lws_deflate_flags - what becomes of a compressor's memory of the
 * messages before (RFC 7692 section 7.1.1)
 * @LWS_DEFLATE_KEEP:	keep ours: later messages get smaller, and the
 *			connection holds up to 300 KB for it.  What a client
 *			does unless it is told otherwise
 * @LWS_DEFLATE_RESET:	forget ours after each message: nothing is held between
 *			messages.  What a server does unless it is told
 *			otherwise, and always when the client asks for it
 * @LWS_DEFLATE_PEER_RESET: have the peer forget its, so that nothing is held
 *			here to inflate its next message.  Otherwise the peer
 *			decides, and the connection holds some 40 KB if it
 *			keeps
 * @LWS_DEFLATE_NO_SHARE: do not remember a message with what it came to.
 *			Otherwise one that is sent to many connections which
 *			forget is compressed once
 */
enum lws_deflate_flags {
	LWS_DEFLATE_KEEP = 1,
	LWS_DEFLATE_RESET = 2,
	LWS_DEFLATE_PEER_RESET = 4,
	LWS_DEFLATE_NO_SHARE = 8
};

/**
 * struct lws_deflate_options - how permessage-deflate and deflate-frame work
 * @level:	1, fastest, to 9, smallest.  0: 1 in a server, 6 in a client
 * @mem_level:	memory for compressing, 1 to 9: about 2^(@mem_level + 9) bytes
 *		of it.  0: 8
 * @window_bits: our window at most, 9 to 15: 2^(@window_bits + 2) bytes for
 *		compressing.  0: 15
 * @peer_window_bits: the peer's at most, as far as it can be told: it takes
 *		2^@peer_window_bits bytes for inflating.  0: 15
 * @flags:	or'd enum lws_deflate_flags
 * @min_size:	a message of fewer bytes is sent as it is.  0: 32
 *
 * All zero is good for most.  Values out of range fail the creation of the
 * context.  docs/performance.md has a table of what a connection costs.
 */
struct lws_deflate_options {
	int level;
	int mem_level;
	int window_bits;
	int peer_window_bits;
	unsigned int flags;
	size_t min_size;
};

/**
 * struct lws_tls_certificate - one more certificate of a TLS server
 * @name:	the host it is for, or "*." and the rest of a name, which takes
 *		exactly one more label; NULL: those named in the certificate
 * @cert:	file of the certificate and its chain in PEM; NULL ends the
 *		array
 * @key:	file of its private key in PEM; NULL: as for
 *		ssl_private_key_filepath
 * @password:	passphrase of the private key; NULL: it has none
 *
 * Clients say which host they want (RFC 6066 section 3).  The first one that
 * is for it is shown, and when there is none the one of ssl_cert_filepath.
 */
struct lws_tls_certificate {
	const char *name;
	const char *cert;
	const char *key;
	const char *password;
};

/**
 * struct lws_context_creation_info - what a context shall be
 * @port:	TCP port to listen on, 1 to 65535; 0: any that is free, and it
 *		is written here; CONTEXT_PORT_NO_LISTEN or -1: do not listen
 * @iface:	name of the interface or numeric address to listen on, and to
 *		connect from; NULL: all
 * @protocols:	array, ended by one whose callback is NULL, with at least
 *		one before it; kept
 * @extensions:	array, ended by one whose callback is NULL; kept.  NULL:
 *		none, as it must be when LWS_NO_EXTENSIONS is defined
 * @token_limits: kept; NULL: no limits but those of the library
 * @ssl_private_key_password: passphrase of the private key
 * @ssl_cert_filepath: file of the certificate and its chain in PEM; makes a
 *		listening context a TLS server, and is what the clients of one
 *		that does not listen show when they are asked
 * @ssl_private_key_filepath: file of its private key in PEM; NULL with a
 *		certificate: the first protocol is asked to load it, see
 *		LWS_CALLBACK_OPENSSL_CONTEXT_REQUIRES_PRIVATE_KEY
 * @ssl_ca_filepath: file of certificates to verify peers with, in PEM: those
 *		of servers, and of clients where the options demand some
 * @ssl_cipher_list: ciphers as OpenSSL writes them, those of TLS 1.3 by their
 *		names (TLS_...) among the others.  A list without names of TLS
 *		1.3 leaves its ciphers as they are, one with nothing else turns
 *		TLS 1.2 off.  NULL: OpenSSL's default, or what
 *		CIPHERS_LIST_STRING was when the library was built
 * @http_proxy_address: HTTP proxy that clients shall connect through, written
 *		as for libwebsocket_set_proxy(); "": none.  NULL: what the
 *		environment names as http_proxy, if anything.  ws and wss go
 *		through CONNECT alike.  Loopback is always reached without, and
 *		so is what the environment lists as no_proxy: domains,
 *		addresses, networks as 10.0.0.0/8, or "*", with commas between
 * @http_proxy_port: its port, unless the address has one
 * @gid:	group to become after listening; -1: stay.  0 is root
 * @uid:	user to become after listening; -1: stay.  0 is root
 * @options:	or'd enum libwebsocket_context_options
 * @user:	what libwebsocket_context_user() returns
 * @ka_time:	seconds after which an idle connection is probed by TCP; 0:
 *		it is not
 * @ka_probes:	probes without answer after which it is given up
 * @ka_interval: seconds between them
 * @provided_client_ssl_ctx: SSL_CTX for TLS clients to use; kept, never freed
 * @event_backend: how to wait: "epoll", "poll", or "external" when only the
 *		application does; NULL: the best there is.  "libuv", "libevent",
 *		"libev" or "glib": a loop of theirs serves the context, see
 *		@foreign_loop.  A name that this library or system does not have
 *		fails the creation
 * @tx_limit:	bytes that may wait in a connection for a slow peer; a
 *		write that finds more fails.  0: 16 MiB, or what LWS_TX_LIMIT
 *		was when the library was built
 * @deflate:	how to compress, where an extension of @extensions does
 * @tls_certificates: more certificates of a TLS server, for clients that ask
 *		for a host by name: array, ended by one whose @cert is NULL;
 *		borrowed
 * @ping_interval_ms: how often the peer of an open WebSocket is sent a Ping
 *		that the library answers for; 0: never.  Version 76 has none
 * @pong_timeout_ms: how long it may then show no sign of life before the
 *		connection is over; any bytes are one.  0: for ever
 * @count_threads: how many threads will call lws_service_thread(), at most
 *		255; 0: one.  With more than one the creation fails where the
 *		system or the build cannot do that, see lws_service_thread()
 * @foreign_loop: the loop that serves the context, of the kind that
 *		@event_backend names: a uv_loop_t, struct event_base, struct
 *		ev_loop or GMainContext; kept, and used by the thread that runs
 *		it alone.  NULL: the default loop of that library; libevent has
 *		none
 * @listen_fd:	listen on this socket, which somebody else has opened, instead
 *		of one for @port and @iface: a stream socket that listens, as a
 *		service manager passes it.  Taken; but when it is not that, the
 *		creation fails and it stays as it is.  Its port is written to
 *		@port, 0 when it has none.  0: none
 *
 * Set all of it to zero, then those that matter; mind @gid and @uid.  The
 * struct itself and all strings are borrowed.  Without LWS_OPENSSL_SUPPORT a
 * certificate fails the creation.
 */
struct lws_context_creation_info {
	int port;
	const char *iface;
	struct libwebsocket_protocols *protocols;
	struct libwebsocket_extension *extensions;
	struct lws_token_limits *token_limits;
	const char *ssl_private_key_password;
	const char *ssl_cert_filepath;
	const char *ssl_private_key_filepath;
	const char *ssl_ca_filepath;
	const char *ssl_cipher_list;
	const char *http_proxy_address;
	unsigned int http_proxy_port;
	int gid;
	int uid;
	unsigned int options;
	void *user;
	int ka_time;
	int ka_probes;
	int ka_interval;
	void *provided_client_ssl_ctx;

	const char *event_backend;
	size_t tx_limit;
	struct lws_deflate_options deflate;
	const struct lws_tls_certificate *tls_certificates;
	unsigned int ping_interval_ms;
	unsigned int pong_timeout_ms;
	unsigned int count_threads;
	void *foreign_loop;
	int listen_fd;
};

/* ---- context ---- */

/**
 * libwebsocket_create_context() - make an instance of the library
 * @info:	what it shall be; borrowed, but see there for what it points
 *		to.  @info->port is written to when it asked for any free port
 *
 * Listens at once if it is to, drops privileges, then calls every protocol
 * with LWS_CALLBACK_PROTOCOL_INIT.  LWS_CALLBACK_ADD_POLL_FD of the listener
 * comes before that.  SIGPIPE is ignored from then on, unless the application
 * has a handler for it.  There may be any number of contexts.
 *
 * Returns the context, given: libwebsocket_context_destroy() frees it.  NULL
 * on any failure, after one line of log that names the cause.
 *
 * This name is also a macro which takes the eleven arguments of its first
 * version; the end of this file has more.  Not from inside callbacks of OpenSSL
 * or signal handlers; contexts made by different threads are independent.
 */
LWS_VISIBLE LWS_EXTERN struct libwebsocket_context *
libwebsocket_create_context(struct lws_context_creation_info *info);

/**
 * libwebsocket_context_destroy() - end all connections, free everything
 * @context:	taken; NULL does nothing
 *
 * Threads that service @context must have stopped doing so.  Open
 * WebSocket connections get a Close with status 1001 as far as their
 * sockets take it without waiting.  Every connection gets its closing callback
 * and LWS_CALLBACK_WSI_DESTROY, then every protocol
 * LWS_CALLBACK_PROTOCOL_DESTROY; user space is valid until then.
 *
 * Never from a callback of @context.
 */
LWS_VISIBLE LWS_EXTERN void
libwebsocket_context_destroy(struct libwebsocket_context *context);

/**
 * libwebsocket_context_user() - what the application put in the creation info
 * @context:	the context
 *
 * Returns the user member of struct lws_context_creation_info.
 */
LWS_VISIBLE LWS_EXTERN void *
libwebsocket_context_user(struct libwebsocket_context *context);

/**
 * libwebsocket_set_proxy() - have clients connect through an HTTP proxy
 * @context:	the context
 * @proxy:	"host:port", also as [http://][user:password@]host[:port][/],
 *		where user and password may be percent-encoded and the port is
 *		80 behind http://; borrowed
 *
 * For connections made from then on, instead of the proxy that @context has;
 * struct lws_context_creation_info tells about that and about who is reached
 * without one.
 *
 * Returns 0; -1 when @proxy is NULL or cannot be used, and then nothing has
 * changed.
 *
 * With count_threads above 1, not while other threads connect.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsocket_set_proxy(struct libwebsocket_context *context,
		       const char *proxy);

/**
 * libwebsocket_canonical_hostname() - the name of this host
 * @context:	the context, which looked it up when it was created
 *
 * Good for the host and origin of client connections.  Returns a string that
 * is the context's and lives as long as it does; "unknown" when the options of
 * the context forbade to look, or nothing was found.
 */
LWS_VISIBLE LWS_EXTERN const char *
libwebsocket_canonical_hostname(struct libwebsocket_context *context);

/**
 * lws_tls_reload() - have a TLS server show another certificate
 * @context:	the context; it was created as a TLS server
 * @cert:	file of the certificate and its chain in PEM; NULL: the one in
 *		use, which is read again
 * @key:	file of its private key in PEM; NULL: likewise
 *
 * Reads the files, those of tls_certificates too, and checks that each key
 * belongs to its certificate.  Only when all of it is good do the connections
 * that come from then on get it; those that are there go on as they are.  Keys
 * with a passphrase need the one given at creation.  Who has dropped his
 * privileges since must still be able to read the files.
 *
 * May be called from any thread, by one at a time.
 *
 * Returns NULL, or what is wrong as one line without a newline, which is the
 * context's and lives until the next call; then nothing has changed.
 */
LWS_VISIBLE LWS_EXTERN const char *
lws_tls_reload(struct libwebsocket_context *context, const char *cert,
	       const char *key);

/**
 * lws_get_library_version() - which library this is
 *
 * Returns the version, a blank and the commit it was built from, or
 * "unknown-build-hash"; a constant.  May be called from any thread.
 */
LWS_VISIBLE LWS_EXTERN const char *
lws_get_library_version(void);

/**
 * lws_set_allocator() - choose where the library's memory comes from
 * @resize:	works as realloc of the C library, except that size 0 frees
 *		@ptr and returns NULL.  Kept for the life of the process.  May
 *		fail at any time: running out of memory ends a connection, not
 *		the process.  Threads that look up names call it as well,
 *		unless the library was built without threads
 *
 * Call it before any other function of the library.
 */
LWS_VISIBLE LWS_EXTERN void
lws_set_allocator(void *(*resize)(void *ptr, size_t size));

/* ---- service ---- */

/**
 * libwebsocket_service() - wait for something to happen and handle it
 * @context:	the context
 * @timeout_ms:	longest wait in milliseconds; 0: do not wait, negative:
 *		wait until there is something
 *
 * One turn of the loop: everything that is ready is read, called back for, and
 * what was written is sent.  Timeouts of connections are looked at once a
 * second.  Programs call this again and again.
 *
 * Returns 0, also after a timeout or a signal; negative when waiting is not
 * possible any more and the loop should end; 1 when @context is NULL.  A
 * connection that ends does not show in it.
 *
 * Never from a callback of @context.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsocket_service(struct libwebsocket_context *context, int timeout_ms);

/**
 * lws_service_thread() - libwebsocket_service() for one of several threads
 * @context:	the context
 * @timeout_ms:	longest wait in milliseconds, as for libwebsocket_service()
 * @thread:	which of them the caller is, from 0 to one less than
 *		count_threads of the creation info; libwebsocket_service() is
 *		that of thread 0
 *
 * Each thread has its own connections, and each calls this again and again; no
 * two of them with the same @thread at a time.  Callbacks of a connection, and
 * whatever else concerns it, happen in the thread that has it, for life.
 * Servers listen once per thread on the same port and the system deals out
 * those who connect (SO_REUSEPORT; where it is missing contexts with more than
 * one thread that listen are not made).  While they do, other programs of the
 * same user can listen there too if they ask for that.
 *
 * Functions that take the context and no connection, to connect a client or
 * stop one from reconnecting, mean the connections of the thread that calls:
 * the one whose callback it is, or who has called this function last for one
 * of them.  Before any has, and for whoever never does, that is thread 0.
 *
 * Callbacks without a connection, LWS_CALLBACK_PROTOCOL_INIT say, come once,
 * from the thread that creates or destroys the context, and no other thread may
 * be at work in it then.  Callbacks of different threads run at the same time,
 * and what they share is the application's to guard.
 *
 * Returns what libwebsocket_service() does, and -1 when there is no such
 * @thread.
 *
 * Never from a callback of @context.
 */
LWS_VISIBLE LWS_EXTERN int
lws_service_thread(struct libwebsocket_context *context, int timeout_ms,
		   unsigned int thread);

/**
 * libwebsocket_service_fd() - handle one descriptor that is ready
 * @context:	the context
 * @pollfd:	a descriptor and in revents what it is ready for; revents is
 *		set to 0 when the descriptor is one of the library's.  NULL:
 *		only look at the timeouts
 *
 * For programs that do the waiting themselves, knowing the descriptors from
 * LWS_CALLBACK_ADD_POLL_FD and its like.  They call it with NULL when nothing
 * else happens for the time that lws_service_timeout_ms() says, or about once a
 * second where only timeouts in seconds matter.  A descriptor that the library
 * does not know is no error and left alone.
 *
 * Returns 0, or 1 when the connection of that descriptor was closed; negative
 * only when the context cannot go on.  Never from a callback of @context.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsocket_service_fd(struct libwebsocket_context *context,
			struct libwebsocket_pollfd *pollfd);

/**
 * lws_service_timeout_ms() - how long a loop that is not the library's may wait
 * @context:	the context
 * @max_ms:	the longest the caller would like to wait anyway, in
 *		milliseconds; negative: for ever
 *
 * What is left until the next thing that the library does without a descriptor
 * being ready: timeouts, keepalive, trying other addresses, reconnecting.  Ask
 * before each wait; when it ends without a descriptor being ready, call
 * libwebsocket_service_fd() with NULL, or libwebsocket_service().
 *
 * Returns milliseconds, 0 when there is something to do at once; at most
 * @max_ms, which may be negative for ever.
 *
 * Call from the thread that services @context, not from its callbacks.
 */
LWS_VISIBLE LWS_EXTERN int
lws_service_timeout_ms(struct libwebsocket_context *context, int max_ms);

/**
 * lws_service_descriptor() - one descriptor to wait for instead of all
 * @context:	the context
 *
 * It is readable when something is ready in the library's own set of
 * descriptors, or when libwebsocket_cancel_service() was called; never read,
 * close or change it.  Any loop can thus serve a context: it waits until this
 * descriptor is readable, at most as long as lws_service_timeout_ms() says, and
 * calls libwebsocket_service() with a timeout of 0.  Adapters for some loops
 * are there already, see event_backend in struct lws_context_creation_info.
 *
 * Returns the descriptor, the same each time; -1 when this backend has none:
 * "epoll" has, "poll" and "external" have not.
 *
 * Call from the thread that services @context.
 */
LWS_VISIBLE LWS_EXTERN int
lws_service_descriptor(struct libwebsocket_context *context);

#ifdef LWS_USE_LIBEV
struct ev_loop;
struct ev_signal;

/**
 * libwebsocket_initloop() - have a loop of libev's serve a context
 * @context:	the context, whose event backend is the default one, "epoll" or
 *		"libev"
 * @loop:	the loop; kept.  NULL: the default one
 *
 * As "libev" and foreign_loop in struct lws_context_creation_info, for a
 * context that exists; it leaves the loop that served it until now.  Signals
 * are left alone: who wants ^C to end the loop starts an ev_signal with
 * libwebsocket_sigint_cb().
 *
 * Returns 0; -1 after one line of log.  Only where LWS_USE_LIBEV is defined.
 *
 * Call from the thread that runs the loop, not from callbacks of @context.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsocket_initloop(struct libwebsocket_context *context,
		      struct ev_loop *loop);

/**
 * libwebsocket_sigint_cb() - end a loop of libev's
 * @loop:	the loop
 * @watcher:	whose callback this is; not looked at
 * @revents:	not looked at
 *
 * For an ev_signal: ev_run() returns.  Only where LWS_USE_LIBEV is defined.
 */
LWS_VISIBLE LWS_EXTERN void
libwebsocket_sigint_cb(struct ev_loop *loop, struct ev_signal *watcher,
		       int revents);
#endif

/**
 * libwebsocket_cancel_service() - make libwebsocket_service() return
 * @context:	the context
 *
 * The one under way returns at once, else the next one does.  Calls that come
 * in between are one.  With an external loop a descriptor, announced with wsi
 * NULL, becomes readable; a loop of another library's has the context served.
 * lws_service_thread() of every thread returns.
 *
 * May be called from any thread and from signal handlers.
 */
LWS_VISIBLE LWS_EXTERN void
libwebsocket_cancel_service(struct libwebsocket_context *context);

/**
 * libwebsocket_callback_on_writable() - ask to be called when @wsi can take
 * more
 * @context:	the context of @wsi
 * @wsi:	the connection, HTTP or WebSocket.  A client that is still
 *		connecting remembers
 *
 * Leads to one LWS_CALLBACK_SERVER_WRITEABLE, LWS_CALLBACK_CLIENT_WRITEABLE or
 * LWS_CALLBACK_HTTP_WRITEABLE, in a later turn of the loop and never from
 * inside this call.  Asking again before it comes changes nothing; asking from
 * inside it leads to another one.
 *
 * Returns 1; -1 when the connection is over.
 *
 * May be called from any thread, if the application answers
 * LWS_CALLBACK_LOCK_POLL, LWS_CALLBACK_UNLOCK_POLL and
 * LWS_CALLBACK_GET_THREAD_ID and keeps @wsi from ending meanwhile.  With
 * count_threads above 1 it need not answer those.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsocket_callback_on_writable(struct libwebsocket_context *context,
				  struct libwebsocket *wsi);

/**
 * libwebsocket_callback_on_writable_all_protocol() - the same for every
 * connection of a protocol
 * @protocol:	an element of the context's array.  The first one has the
 *		HTTP connections too
 *
 * Those of all threads.  Returns 0.  May be called from threads as
 * libwebsocket_callback_on_writable() may, with no @wsi to keep.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsocket_callback_on_writable_all_protocol(
	const struct libwebsocket_protocols *protocol);

/**
 * libwebsocket_callback_all_protocol() - call back now for every connection of
 * a protocol
 * @protocol:	an element of the context's array
 * @reason:	an enum libwebsocket_callback_reasons, or LWS_CALLBACK_USER
 *		and above for reasons of the application
 *
 * The callbacks get @in NULL and @len 0; their results are ignored.  They may
 * end connections.  Only those of the calling thread: with count_threads above
 * 1 other threads have others.  Returns 0.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsocket_callback_all_protocol(
	const struct libwebsocket_protocols *protocol, int reason);

/**
 * libwebsockets_get_protocol() - the protocol a connection is bound to
 * @wsi:	the connection
 *
 * Returns an element of the context's array; the first as long as nothing else
 * was agreed on.
 */
LWS_VISIBLE LWS_EXTERN const struct libwebsocket_protocols *
libwebsockets_get_protocol(struct libwebsocket *wsi);

/**
 * libwebsocket_get_socket_fd() - the descriptor of a connection
 * @wsi:	the connection
 *
 * Returns the descriptor, which remains the library's, or -1 while there is
 * none: a client whose server's name is still being looked up.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsocket_get_socket_fd(struct libwebsocket *wsi);

/**
 * libwebsocket_rx_flow_control() - stop or resume receiving
 * @wsi:	the connection
 * @enable:	0: nothing more is delivered after the current callback, nor
 *		read once the peer's data fills the socket; 1: go on
 *
 * What was already read is kept and delivered first, in order, in a later turn
 * of the loop and without waiting for new data.  While stopped, Ping and Close
 * frames wait like everything else.  HTTP bodies are stopped the same way.
 *
 * Returns 0.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsocket_rx_flow_control(struct libwebsocket *wsi, int enable);

/**
 * libwebsocket_rx_flow_allow_all_protocol() - resume every connection of a
 * protocol
 * @protocol:	an element of the context's array
 *
 * May be called from a callback of any connection.  Only those of the calling
 * thread, as libwebsocket_callback_all_protocol().
 */
LWS_VISIBLE LWS_EXTERN void
libwebsocket_rx_flow_allow_all_protocol(
	const struct libwebsocket_protocols *protocol);

/**
 * libwebsocket_set_timeout() - close a connection unless this is called again
 * @wsi:	the connection
 * @reason:	NO_PENDING_TIMEOUT: never mind; anything else: start
 * @secs:	seconds from now
 *
 * A connection has one such timer, which the library uses as well: for
 * handshakes, for HTTP requests until they are answered, and for the Close
 * handshake.  It is late by at most a second.
 */
LWS_VISIBLE LWS_EXTERN void
libwebsocket_set_timeout(struct libwebsocket *wsi, enum pending_timeout reason,
			 int secs);

/* ---- what a connection is doing ---- */

/**
 * libwebsocket_is_final_fragment() - is this the last frame of its message?
 * @wsi:	the connection
 *
 * Meant for RECEIVE callbacks.  The message is complete when this is nonzero
 * and libwebsockets_remaining_packet_payload() is 0.
 *
 * Returns nonzero if the frame being delivered has the FIN bit.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsocket_is_final_fragment(struct libwebsocket *wsi);

/**
 * libwebsockets_remaining_packet_payload() - what is yet to come of this frame
 * @wsi:	the connection
 *
 * Meant for RECEIVE callbacks.  Returns the bytes of the frame being delivered
 * that come with later callbacks, 0 when this is its last part.  Version 76
 * does not tell lengths: there it is 1 as long as the end has not been seen.
 */
LWS_VISIBLE LWS_EXTERN size_t
libwebsockets_remaining_packet_payload(struct libwebsocket *wsi);

/**
 * libwebsocket_get_reserved_bits() - the RSV bits of this frame
 * @wsi:	the connection
 *
 * Meant for RECEIVE callbacks.  Returns them where they are in the first byte
 * of the frame, mask 0x70.
 */
LWS_VISIBLE LWS_EXTERN unsigned char
libwebsocket_get_reserved_bits(struct libwebsocket *wsi);

/**
 * lws_frame_is_binary() - is this message binary?
 * @wsi:	the connection
 *
 * Meant for RECEIVE callbacks; says the same in all fragments of a message.
 * Returns 1 for binary, 0 for text.
 */
LWS_VISIBLE LWS_EXTERN int
lws_frame_is_binary(struct libwebsocket *wsi);

/**
 * lws_broadcast_message() - send one message to all connections of a protocol
 * @protocol:	the entry of the context's list that they are bound to
 * @except:	one of them that does not get it, such as whom it came from; or
 *		NULL
 * @buf:	payload; borrowed, never written to, free to reuse on return
 * @len:	bytes at @buf; 0 is a valid empty message
 * @kind:	LWS_WRITE_TEXT or LWS_WRITE_BINARY, optionally or'd with
 *		LWS_WRITE_NO_COMPRESS or LWS_WRITE_MAY_WAIT
 *
 * Every WebSocket connection bound to @protocol that is open gets the message,
 * in either role, as if libwebsocket_write() had been called for each: behind
 * what was written to it before, in front of what is written later, at the
 * latest when the current callback has returned, or at once outside of
 * callbacks.  No callback is called for it.
 *
 * Unlike with libwebsocket_write() the message is framed once, and once
 * compressed, for all those whose frame is the same bytes: connections of a
 * server that compress not at all, or with permessage-deflate, equal parameters
 * and without context takeover.  They share the bytes until the last of them
 * has sent them, and what several calls in one turn of the loop have made
 * leaves in one system call for each connection.  Clients, who mask, and
 * connections with other extensions are written to one by one.
 *
 * Nearly all that it costs to send a short message to many is a system call for
 * each.  With LWS_WRITE_MAY_WAIT the library rests after such a round three
 * times as long as that took, at most 50 ms, and messages that come meanwhile
 * leave in the next one together; it then takes about a quarter of a processor
 * however much there is to say.  One that comes later leaves at once, as does
 * all that waits when anything without the flag is sent.  With few connections
 * a round takes less than the clock can tell, and nothing waits; nor does it
 * where an application waits for events itself.
 *
 * Who is amid a message in fragments of his own (LWS_WRITE_NO_FIN), or has
 * written a part of a frame under no_buffer_all_partial_tx, gets the message
 * right behind the end of that.  Who has begun to close gets none.
 *
 * Who does not read costs no copy, but a connection with more waiting than
 * tx_limit allows is ended, as when it is written to: its queue is thrown away
 * and LWS_CALLBACK_CLOSED follows.  To leave slow ones behind instead, see
 * lws_broadcast_mute().  In the same way a connection ends when there is no
 * memory for its share.
 *
 * Version 76 has no binary messages, nor text with the byte FF: connections of
 * it are left out then.
 *
 * Returns to how many connections it was sent or queued, or -1 when @kind is
 * not allowed, @len is beyond INT_MAX or no memory is left: nobody gets it.
 *
 * Call from any thread, inside or outside of callbacks.  Connections of other
 * threads get it soon, in the order of the calls of each thread, and are not in
 * the result; @except must be one of the calling thread.  In a context of one
 * thread others may call only if the first protocol answers
 * LWS_CALLBACK_GET_THREAD_ID.
 */
LWS_VISIBLE LWS_EXTERN int
lws_broadcast_message(const struct libwebsocket_protocols *protocol,
		      struct libwebsocket *except, const unsigned char *buf,
		      size_t len, enum libwebsocket_write_protocol kind);

/**
 * lws_broadcast_mute() - leave a connection out of what is sent to all
 * @wsi:	the connection
 * @mute:	nonzero: lws_broadcast_message() does not mean it, until it is
 *		called again with 0, which is how every connection begins
 *
 * What was sent to all before still arrives.  For readers that are too slow
 * (lws_send_pipe_choked() tells) and are to miss something, or to get it by
 * libwebsocket_write() at their own pace.  Has no effect on connections that
 * are not open.
 *
 * Call from the thread that services @wsi, inside or outside of callbacks.
 */
LWS_VISIBLE LWS_EXTERN void
lws_broadcast_mute(struct libwebsocket *wsi, int mute);

/**
 * lws_send_pipe_choked() - should one stop writing for now?
 * @wsi:	the connection
 *
 * Well behaved senders ask before each write and, when told so, ask for a
 * writable callback instead.  Does not wait.
 *
 * Returns 1 when what was written so far waits for a slow peer, or the socket
 * can take no more; else 0.
 */
LWS_VISIBLE LWS_EXTERN int
lws_send_pipe_choked(struct libwebsocket *wsi);

/**
 * lws_partial_buffered() - did the socket refuse a part of what was written?
 * @wsi:	the connection
 *
 * Returns 1 when the library holds bytes that the socket did not take, else 0.
 * They are sent before anything else as soon as it does.
 */
LWS_VISIBLE LWS_EXTERN int
lws_partial_buffered(struct libwebsocket *wsi);

/**
 * lws_get_tx_queued() - how much is waiting to be sent
 * @wsi:	the connection
 *
 * Counts frame headers too; what the kernel has taken is not in it.  Unlike
 * lws_partial_buffered() it includes what has not been tried to send yet,
 * because the turn is not over.
 *
 * Returns bytes.
 */
LWS_VISIBLE LWS_EXTERN size_t
lws_get_tx_queued(struct libwebsocket *wsi);

/**
 * lws_is_ssl() - is this connection encrypted?
 * @wsi:	the connection
 *
 * Returns 0 for plain TCP, 1 for TLS, 2 for a client's TLS that also accepts
 * self-signed certificates.
 */
LWS_VISIBLE LWS_EXTERN int
lws_is_ssl(struct libwebsocket *wsi);

/**
 * lws_get_peer_write_allowance() - how much does the peer allow us to send?
 * @wsi:	the connection
 *
 * Neither HTTP/1.1 nor WebSocket tells.  Returns (size_t)-1: not known.
 */
LWS_VISIBLE LWS_EXTERN size_t
lws_get_peer_write_allowance(struct libwebsocket *wsi);

/**
 * libwebsocket_ensure_user_space() - the user space of a connection
 * @wsi:	the connection
 *
 * Allocates it, zeroed and of the size its protocol asks for, if it is not
 * there yet.  It remains the library's.  Returns it; NULL when that size is 0
 * or memory is short.
 */
LWS_VISIBLE LWS_EXTERN void *
libwebsocket_ensure_user_space(struct libwebsocket *wsi);

/**
 * libwebsockets_get_peer_addresses() - who is at the other end?
 * @context:	the context, or NULL
 * @wsi:	the connection, or NULL
 * @fd:		its descriptor
 * @name:	filled with the host name of the peer; "" when it has none
 * @name_len:	bytes at @name
 * @rip:	filled with its address as digits; "" when @fd is not connected.
 *		An IPv4 address is written as one also on an IPv6 socket
 * @rip_len:	bytes at @rip
 *
 * Both are cut to their size and always end in a NUL.  Waits for the system to
 * look the name up, which can take seconds.
 *
 * May be called from any thread.  This name is also a macro which takes the
 * five arguments of its first version, without @context and @wsi.
 */
LWS_VISIBLE LWS_EXTERN void
libwebsockets_get_peer_addresses(struct libwebsocket_context *context,
				 struct libwebsocket *wsi, int fd, char *name,
				 int name_len, char *rip, int rip_len);

/* ---- sending and closing ---- */

/**
 * libwebsocket_write() - queue one frame, or raw HTTP bytes, for the peer
 * @wsi:	connection to write on
 * @buf:	payload; borrowed, never written to, free to reuse on return
 * @len:	bytes at @buf; 0 is a valid empty message, and nothing in HTTP
 * @protocol:	what to send, an enum libwebsocket_write_protocol,
 *		optionally or'd with LWS_WRITE_NO_FIN when more fragments
 *		follow
 *
 * The frame leaves when the service loop next flushes this connection, at the
 * latest when the current callback has returned; frames queued in between
 * share one system call.  Outside of callbacks it leaves at once.  When the
 * peer is slow the bytes wait in the library; lws_send_pipe_choked() tells, and
 * well behaved senders then stop until the next LWS_CALLBACK_*_WRITEABLE.
 *
 * After a LWS_WRITE_CLOSE no more can be written and the connection ends when
 * the peer answers, or soon after.  RFC 6455 sections 5 and 7.
 *
 * Returns @len when all of it is sent or queued, less only for protocols that
 * set no_buffer_all_partial_tx: write the rest with the same @protocol when
 * asked to.  Returns -1 when the frame is not allowed (a control frame of more
 * than 125 bytes, a WebSocket frame before the connection is open or after it
 * began to close) or the connection is failing (more is waiting than tx_limit
 * allows, or memory is short), and the callback should return nonzero.
 *
 * Version 76 carries text without the byte FF, which UTF-8 has no use for,
 * and nothing else: other data is refused with -1 and the connection goes
 * on, Pings and Pongs are taken and not sent.  Versions 76, 4 and 5 have no
 * status to close with; the payload of LWS_WRITE_CLOSE is left out.
 *
 * Before era 123 success is 0.  Call from the thread that services @wsi.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsocket_write(struct libwebsocket *wsi, unsigned char *buf, size_t len,
		   enum libwebsocket_write_protocol protocol);

/**
 * lws_get_handle() - a name of a connection for lws_queue_write()
 * @wsi:	an open WebSocket
 *
 * From LWS_CALLBACK_ESTABLISHED or LWS_CALLBACK_CLIENT_ESTABLISHED on until the
 * connection begins to close.  Connections of which nobody asks for it pay
 * nothing.
 *
 * Returns the handle; one whose context is NULL when @wsi is not open, memory
 * is short, or its protocol sets no_buffer_all_partial_tx, whose application
 * counts what goes.
 *
 * Call from the thread that services @wsi.
 */
LWS_VISIBLE LWS_EXTERN lws_handle
lws_get_handle(struct libwebsocket *wsi);

/**
 * lws_queue_write() - send a message from any thread
 * @handle:	whom to, from lws_get_handle(); one of a connection that is
 *		over is no harm
 * @buf:	payload; copied
 * @len:	bytes at @buf
 * @protocol:	LWS_WRITE_TEXT or LWS_WRITE_BINARY, optionally or'd with
 *		LWS_WRITE_NO_COMPRESS, for a whole message; LWS_WRITE_PING,
 *		LWS_WRITE_PONG or LWS_WRITE_CLOSE with at most 125 bytes
 *
 * The thread that services the connection is woken, and writes it in its next
 * turn as libwebsocket_write() does.  What one thread queues for a connection
 * leaves in that order.  Mind fragments: a message that comes between those
 * of another one is against the protocol, so who writes with LWS_WRITE_NO_FIN
 * does not queue for the same connection meanwhile.
 *
 * What was accepted and not yet written when the connection ends is lost;
 * LWS_CALLBACK_CLOSED tells that thread.
 *
 * Returns 0 when it was accepted; -1 when the connection is over or closing,
 * @protocol or @len is not one of the above, or the version is 76 and has only
 * text without the byte FF, and Close; -2 when it may be tried later:
 * more than tx_limit is waiting for that connection already, counting what
 * waits here and for the peer, or memory is short.  Nothing was sent then, and
 * the connection goes on.
 *
 * May be called from any thread, not from signal handlers, until the context is
 * being destroyed.
 */
LWS_VISIBLE LWS_EXTERN int
lws_queue_write(lws_handle handle, const void *buf, size_t len,
		enum libwebsocket_write_protocol protocol);

/* libwebsocket_write() of HTTP bytes that are of any type */
#define libwebsocket_write_http(wsi, buf, len) \
	libwebsocket_write(wsi, (unsigned char *)(buf), len, LWS_WRITE_HTTP)

/**
 * libwebsockets_hangup_on_client() - close the connection of a descriptor
 * @context:	the context
 * @fd:		the descriptor; one that is not the library's is closed
 *		as it is
 *
 * No Close frame is sent.  Inside a callback of that connection it is closed
 * when the callback returns.
 */
LWS_VISIBLE LWS_EXTERN void
libwebsockets_hangup_on_client(struct libwebsocket_context *context, int fd);

/**
 * libwebsocket_close_and_free_session() - close a connection
 * @context:	the context
 * @wsi:	the connection
 * @status:	what its Close frame shall say;
 *		LWS_CLOSE_STATUS_NOSTATUS: send none, close at once
 *
 * With a status the peer has a second to answer before the connection is over;
 * RFC 6455 section 7.1.  The closing callbacks come as always.  Inside a
 * callback of @wsi all of it is done when the callback returns.
 */
LWS_VISIBLE LWS_EXTERN void
libwebsocket_close_and_free_session(struct libwebsocket_context *context,
				    struct libwebsocket *wsi,
				    enum lws_close_status status);

/* ---- HTTP ---- */

#ifndef LWS_NO_SERVER
/**
 * libwebsockets_serve_http_file() - answer a request with a file
 * @context:	the context
 * @wsi:	the connection; in its LWS_CALLBACK_HTTP
 * @file:	path; whether the peer may see it is for the caller to judge
 * @content_type: what kind, as "text/html"
 * @other_headers: more header lines, each ended by CR LF, or NULL
 * @other_headers_len: bytes at @other_headers
 *
 * Sends the header block and as much of the file as the socket takes; the rest
 * follows by itself, then LWS_CALLBACK_HTTP_FILE_COMPLETION.  HEAD requests
 * get no body.  What cannot be opened is answered with 404.
 *
 * Returns 0 when it is under way: return 0 and leave @wsi alone.  Positive
 * when it is all sent: call lws_http_transaction_completed(), or return nonzero
 * to close.  Negative when it failed: return nonzero.
 *
 * This name is also a macro which takes the four arguments of its first
 * version, without other headers, and the five of the next, where they are a
 * C string.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsockets_serve_http_file(struct libwebsocket_context *context,
			      struct libwebsocket *wsi, const char *file,
			      const char *content_type,
			      const char *other_headers,
			      int other_headers_len);

/**
 * libwebsockets_serve_http_file_fragment() - send more of the file
 * @context:	the context
 * @wsi:	the connection that libwebsockets_serve_http_file() works on
 *
 * The library does this by itself when the socket can take more; there is no
 * need to.  Returns as libwebsockets_serve_http_file().
 */
LWS_VISIBLE LWS_EXTERN int
libwebsockets_serve_http_file_fragment(struct libwebsocket_context *context,
				       struct libwebsocket *wsi);

/**
 * libwebsockets_return_http_status() - answer a request with a status and a
 * small page
 * @context:	the context
 * @wsi:	the connection
 * @code:	status code, as an enum http_status
 * @html_body:	what the page says beside the code, in HTML; NULL: nothing
 *
 * Returns 0; nonzero when it failed and the callback should close.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsockets_return_http_status(struct libwebsocket_context *context,
				 struct libwebsocket *wsi, unsigned int code,
				 const char *html_body);

/**
 * lws_http_transaction_completed() - the response is complete
 * @wsi:	the connection
 *
 * Call it once for each response that was written by hand, and for a file when
 * libwebsockets_serve_http_file() said that it is sent.  RFC 9112 section 9.3.
 *
 * Returns 0 when the connection is kept for another request; 1 when it has to
 * be closed: return -1 from the callback, what is queued is still sent.
 */
LWS_VISIBLE LWS_EXTERN int
lws_http_transaction_completed(struct libwebsocket *wsi);

/**
 * lws_add_http_header_status() - begin a header block with its status line
 * @context:	the context
 * @wsi:	the connection that is to be answered
 * @code:	status code, as an enum http_status
 * @p:		where to write; moved behind what was written
 * @end:	end of the memory; nothing is written there or beyond
 *
 * The block grows in the caller's memory: status, any number of fields, then
 * lws_finalize_http_header().  Write it with LWS_WRITE_HTTP_HEADERS.  RFC 9112
 * section 4.
 *
 * Returns 0; 1 when there is no room, and then *@p may have moved.
 */
LWS_VISIBLE LWS_EXTERN int
lws_add_http_header_status(struct libwebsocket_context *context,
			   struct libwebsocket *wsi, unsigned int code,
			   unsigned char **p, unsigned char *end);

/**
 * lws_add_http_header_by_name() - add a field to a header block
 * @context:	the context
 * @wsi:	the connection
 * @name:	its name with the colon, as "set-cookie:"; NULL: the line has
 *		only the value
 * @value:	its value; need not end in a NUL
 * @length:	bytes at @value
 * @p:		where to write; moved behind what was written
 * @end:	end of the memory
 *
 * Returns 0; 1 when there is no room, and then *@p may have moved.
 */
LWS_VISIBLE LWS_EXTERN int
lws_add_http_header_by_name(struct libwebsocket_context *context,
			    struct libwebsocket *wsi,
			    const unsigned char *name,
			    const unsigned char *value, int length,
			    unsigned char **p, unsigned char *end);

/**
 * lws_add_http_header_by_token() - add a field whose name is a token
 * @context:	the context
 * @wsi:	the connection
 * @token:	its name
 * @value:	its value; need not end in a NUL
 * @length:	bytes at @value
 * @p:		where to write; moved behind what was written
 * @end:	end of the memory
 *
 * Returns 0; 1 when there is no room, and then *@p may have moved, or no such
 * token.
 */
LWS_VISIBLE LWS_EXTERN int
lws_add_http_header_by_token(struct libwebsocket_context *context,
			     struct libwebsocket *wsi,
			     enum lws_token_indexes token,
			     const unsigned char *value, int length,
			     unsigned char **p, unsigned char *end);

/**
 * lws_add_http_header_content_length() - add the length of the body
 * @context:	the context
 * @wsi:	the connection
 * @content_length: bytes of body that will be written
 * @p:		where to write; moved behind what was written
 * @end:	end of the memory
 *
 * Also tells the library, which can then keep the connection for another
 * request.
 *
 * Returns 0; 1 when there is no room, and then *@p may have moved.
 */
LWS_VISIBLE LWS_EXTERN int
lws_add_http_header_content_length(struct libwebsocket_context *context,
				   struct libwebsocket *wsi,
				   unsigned long content_length,
				   unsigned char **p, unsigned char *end);

/**
 * lws_finalize_http_header() - end a header block with its blank line
 * @context:	the context
 * @wsi:	the connection
 * @p:		where to write; moved behind what was written
 * @end:	end of the memory
 *
 * Returns 0; 1 when there is no room, and then *@p may have moved.
 */
LWS_VISIBLE LWS_EXTERN int
lws_finalize_http_header(struct libwebsocket_context *context,
			 struct libwebsocket *wsi, unsigned char **p,
			 unsigned char *end);
#endif

/**
 * lws_token_to_string() - the text of a token
 * @token:	which
 *
 * Returns a constant in lower case, with the colon if it is the name of a
 * field; NULL if there is no such token.  May be called from any thread.
 */
LWS_VISIBLE LWS_EXTERN const unsigned char *
lws_token_to_string(enum lws_token_indexes token);

/**
 * lws_hdr_total_length() - how long is what the peer sent as this header?
 * @wsi:	the connection; see lws_hdr_copy() for when
 * @token:	which header
 *
 * Returns characters, without a NUL; 0 when it is empty or was not sent.
 */
LWS_VISIBLE LWS_EXTERN int
lws_hdr_total_length(struct libwebsocket *wsi, enum lws_token_indexes token);

/**
 * lws_hdr_copy() - what the peer sent as this header
 * @wsi:	the connection.  On a server in
 *		LWS_CALLBACK_FILTER_HTTP_CONNECTION, LWS_CALLBACK_HTTP,
 *		LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION,
 *		LWS_CALLBACK_CONFIRM_EXTENSION_OKAY and
 *		LWS_CALLBACK_ESTABLISHED; on a client in
 *		LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH.  Anywhere else the
 *		headers are gone and none is found
 * @dest:	filled with the value and a NUL, "" when there is none
 * @len:	bytes at @dest
 * @token:	which header
 *
 * Blanks around the value are not part of it.  A header that was sent more
 * than once is one value with ", " between them, "; " for Cookie.
 *
 * Returns the length of the value, 0 when there is none, -1 when value and NUL
 * do not fit into @len.
 */
LWS_VISIBLE LWS_EXTERN int
lws_hdr_copy(struct libwebsocket *wsi, char *dest, int len,
	     enum lws_token_indexes token);

/* ---- client ---- */

#ifndef LWS_NO_CLIENT
/**
 * libwebsocket_client_connect() - open a WebSocket connection to a server
 * @context:	the context
 * @address:	name or numeric address of the server
 * @port:	its TCP port
 * @ssl_connection: 0: plain; 1: TLS, its certificate must be good; 2: TLS, it
 *		may be self-signed.  Only 0 without LWS_OPENSSL_SUPPORT
 * @path:	what to ask for, as "/" or "/chat?room=1"
 * @host:	the Host header, with the port if it is not the usual one
 * @origin:	the Origin header, or NULL for none; "http://" is put in
 *		front unless it has a scheme or is "null"
 * @protocol:	one subprotocol, or several with commas, best first; NULL:
 *		ask for none
 * @ietf_version_or_minus_one: version of the WebSocket protocol: 13, 8, 7, 6,
 *		5, 4, or 76, which may be given as 0; -1 for the usual one, 13
 *
 * Starts and does not wait.  The outcome is exactly one of
 * LWS_CALLBACK_CLIENT_ESTABLISHED, to the protocol that the server chose, and
 * LWS_CALLBACK_CLIENT_CONNECTION_ERROR, neither before this function returned.
 * The strings are borrowed.  RFC 6455 section 4.1.
 *
 * Before era 123 the name is looked up here, which can take seconds, and the
 * connection has its descriptor on return; from then on the name is looked up
 * beside the loop.
 *
 * Returns the connection, which is the library's; forget it in
 * LWS_CALLBACK_CLOSED or LWS_CALLBACK_CLIENT_CONNECTION_ERROR.  NULL when it
 * failed at once, and then no callback tells.
 */
LWS_VISIBLE LWS_EXTERN struct libwebsocket *
libwebsocket_client_connect(struct libwebsocket_context *context,
			    const char *address, int port, int ssl_connection,
			    const char *path, const char *host,
			    const char *origin, const char *protocol,
			    int ietf_version_or_minus_one);

/**
 * libwebsocket_client_connect_extended() - the same with user space of the
 * application
 * @context:	the context
 * @address:	name or numeric address of the server
 * @port:	its TCP port
 * @ssl_connection: whether to use TLS
 * @path:	what to ask for
 * @host:	the Host header
 * @origin:	the Origin header
 * @protocol:	subprotocols
 * @ietf_version_or_minus_one: version of the WebSocket protocol
 * @userdata:	given to all callbacks of this connection as their user;
 *		kept, never freed, and not written to.  NULL: as usual
 *
 * See libwebsocket_client_connect() for all the rest.
 */
LWS_VISIBLE LWS_EXTERN struct libwebsocket *
libwebsocket_client_connect_extended(
	struct libwebsocket_context *context, const char *address, int port,
	int ssl_connection, const char *path, const char *host,
	const char *origin, const char *protocol,
	int ietf_version_or_minus_one, void *userdata);
#endif

/**
 * struct lws_client_reconnect - how a connection is kept up
 * @min_ms:	wait before the first attempt after an end; 0: do not reconnect
 * @max_ms:	longest wait; 0: as @min_ms
 * @factor:	each wait is so many times the one before, until an attempt
 *		succeeds; 0: 2
 * @jitter:	up to so many percent of each wait are left out at random, so
 *		that the clients of a server that was down do not come back at
 *		the same moment; 0 to 100
 * @tries:	attempts in a row that may fail; 0: any number
 */
struct lws_client_reconnect {
	unsigned int min_ms;
	unsigned int max_ms;
	unsigned int factor;
	unsigned int jitter;
	unsigned int tries;
};

/**
 * struct lws_client_connect_info - what a client connection shall be
 * @url:	"ws://host:port/path" or "wss:..."; NULL: the next four say it
 * @address:	name or numeric address of the server
 * @port:	its TCP port
 * @ssl_connection: as for libwebsocket_client_connect(); with "wss:" 0 means 1
 * @path:	what to ask for; NULL: "/"
 * @host:	the Host header; NULL: the server's name, with its port if it
 *		is not the usual one
 * @origin:	the Origin header, or NULL
 * @protocol:	subprotocols with commas, or NULL
 * @version:	of the WebSocket protocol; 0: 13.  76 is 76
 * @headers:	lines to add to the request, each ended by CR LF, or NULL
 * @userdata:	given to all callbacks as their user, in every attempt; kept.
 *		NULL: as usual
 * @reconnect:	how to stay connected
 * @ping_interval_ms: as in struct lws_context_creation_info, for this
 *		connection; 0: what the context has
 * @pong_timeout_ms: likewise
 *
 * Set all of it to zero, then those that matter.  All strings are borrowed.
 */
struct lws_client_connect_info {
	const char *url;
	const char *address;
	int port;
	int ssl_connection;
	const char *path;
	const char *host;
	const char *origin;
	const char *protocol;
	int version;
	const char *headers;
	void *userdata;
	struct lws_client_reconnect reconnect;
	unsigned int ping_interval_ms;
	unsigned int pong_timeout_ms;
};

#ifndef LWS_NO_CLIENT
/**
 * lws_client_connect_info() - open a WebSocket connection and keep it up
 * @context:	the context
 * @info:	what is wanted; borrowed
 *
 * As libwebsocket_client_connect(), with more to choose.  With a policy in
 * @info->reconnect an attempt that fails and a connection that ends are told
 * as ever, and then LWS_CALLBACK_CLIENT_RECONNECTING says when there will be
 * another attempt.  That has a wsi of its own, so the application knows its
 * connection by @info->userdata.  There is none after the application has
 * ended the connection itself, by what a callback returned or by a Close that
 * it sent first; after as many failures in a row as @info->reconnect allows;
 * and after lws_client_give_up().
 *
 * Returns the first attempt, or NULL when it failed at once: then no callback
 * tells, and nothing is tried again.
 */
LWS_VISIBLE LWS_EXTERN struct libwebsocket *
lws_client_connect_info(struct libwebsocket_context *context,
			const struct lws_client_connect_info *info);

/**
 * lws_client_give_up() - let connections end for good
 * @context:	the context
 * @userdata:	what they were made with by lws_client_connect_info()
 *
 * Attempts that were to come do not; connections that are there live on and
 * are not made anew when they end.
 *
 * Returns how many were kept up until now.
 */
LWS_VISIBLE LWS_EXTERN int
lws_client_give_up(struct libwebsocket_context *context, const void *userdata);
#endif

/**
 * lws_get_rtt_us() - how long does it take to the peer and back?
 * @wsi:	an open WebSocket connection of either side
 *
 * Measured by the last answer to a Ping of the library's own: see
 * ping_interval_ms in struct lws_context_creation_info.
 *
 * Returns microseconds, -1 when nothing was measured yet.
 */
LWS_VISIBLE LWS_EXTERN long
lws_get_rtt_us(struct libwebsocket *wsi);

/* ---- processes ---- */

#ifndef LWS_NO_SERVER
/**
 * libwebsockets_broadcast() - a payload for all connections of a protocol
 * @protocol:	element of the context's array
 * @buf:	payload; borrowed.  Callbacks that are made in the call get this
 *		very address
 * @len:	bytes at @buf
 *
 * Each connection of the server that is open and of this protocol gets
 * LWS_CALLBACK_BROADCAST.  Callbacks may write what they are given, end their
 * connection or others, and broadcast themselves; the library changes nothing
 * at @buf.
 *
 * In the process that serves, these callbacks are made before the function
 * returns 0; those of connections that another thread serves are made by it,
 * soon, with a copy.  After libwebsockets_fork_service_loop() the application
 * sends the payload to the process that serves, which calls back with a copy
 * that has LWS_SEND_BUFFER_PRE_PADDING and _POST_PADDING around it: once for
 * each call, in the order of calls.  When that process is busy the function
 * waits.  There, 0 bytes deliver nothing.
 *
 * May be called from any thread where count_threads is above 1, and, after the
 * fork, from any of the application.
 *
 * Returns 0; -1 when there is no memory for the copies, or @protocol has no
 * context.  After a fork, in the application, @len when the payload is on its
 * way, -1 when it is not: it is longer than 4096 bytes, or what
 * MAX_BROADCAST_PAYLOAD was when the library was built, or the other process
 * is gone, or has taken nothing for five seconds (AWAITING_TIMEOUT).
 */
LWS_VISIBLE LWS_EXTERN int
libwebsockets_broadcast(const struct libwebsocket_protocols *protocol,
			unsigned char *buf, size_t len);
#endif

/**
 * lws_drain() - end all connections in good order
 * @context:	the context
 * @status:	what Close frames say, usually LWS_CLOSE_STATUS_GOINGAWAY; an
 *		enum lws_close_status.  0: WebSocket connections are closed
 *		without a Close frame
 * @timeout_ms:	milliseconds until what is left is cut off
 *
 * Listening sockets are closed.  WebSocket connections, of either side, send a
 * Close, behind what they have queued, and get LWS_CALLBACK_CLOSED when the
 * peer has answered, or has not for a second.  HTTP requests that have come are
 * answered, and their connections not kept for others; new upgrades are refused
 * with status 503.  Clients that are connecting fail, and those that stay
 * connected give up.  Connections that the application makes after the call are
 * its own affair.
 *
 * Only begins all that, in the service loops, which must go on:
 *
 *	lws_drain(context, LWS_CLOSE_STATUS_GOINGAWAY, 5000);
 *	while (lws_drain_left(context) > 0 &&
 *	       libwebsocket_service(context, 1000) >= 0)
 *		;
 *	libwebsocket_context_destroy(context);
 *
 * Called again, it sets a new bound.  After libwebsockets_fork_service_loop()
 * it drains the process that serves, which then ends.
 *
 * May be called from any thread and from signal handlers.
 */
LWS_VISIBLE LWS_EXTERN void
lws_drain(struct libwebsocket_context *context, int status, int timeout_ms);

/**
 * lws_drain_left() - how many connections are still being drained?
 * @context:	a context that lws_drain() was called for
 *
 * As counted a moment ago; a loop that has not begun counts as one, and so
 * does the process that serves, after a fork.  May be called from any thread
 * and from signal handlers.
 *
 * Returns 0 when all are gone.
 */
LWS_VISIBLE LWS_EXTERN int
lws_drain_left(struct libwebsocket_context *context);

#if !defined(LWS_NO_FORK) && !defined(LWS_NO_SERVER)
/**
 * libwebsockets_fork_service_loop() - serve in a process of its own
 * @context:	the context
 *
 * The application goes on in the process it has been, with nothing of the
 * context but libwebsockets_broadcast() and connections that it makes from then
 * on; the callbacks of those it had are made in the child, which calls
 * libwebsocket_service() for as long as both live and does not return.  Memory
 * that both should see has to be shared before.
 *
 * Neither outlives the other.  When the application ends, in whatever way, or
 * destroys its context, the child destroys its own, as always with CLOSED for
 * each connection, and ends with _exit(0).  When the child ends, the
 * application is sent SIGTERM.  In the child, SIGHUP and SIGTERM are the
 * library's: the latter ends it in the same way.
 *
 * Call it outside of callbacks, before other threads use the context, and once.
 *
 * Returns 0 in the application; -1 when there is no second process: it cannot
 * be made, or nothing would be left to do in it, for the application does the
 * waiting or several threads do.  A line of log says which.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsockets_fork_service_loop(struct libwebsocket_context *context);
#endif

#ifndef LWS_NO_DAEMONIZE
/**
 * lws_daemonize() - go on in the background
 * @lock_path:	file that is to hold the daemon's process id as long as it
 *		lives; copied
 *
 * Forks, and returns in the child alone, which has left terminal, session and
 * directory behind: it is in "/", its umask is 0, standard input, output and
 * error are /dev/null, SIGHUP and the stop signals of terminals are ignored.
 * The original process ends with exit(0) once the daemon is on its own and its
 * lock file, mode 0640, is complete; with exit(1) and a line on stderr when
 * that does not come about within two seconds.
 *
 * The lock file goes when the daemon ends by exit() or by SIGTERM, which from
 * now on ends it with status 0; an application that handles SIGTERM itself is
 * free to set its own handler.  One that a dead process left is replaced.  When
 * the process in it lives, "Daemon already running" is said on stderr, and
 * exit(1) follows.
 *
 * Call it early, before there are contexts or threads.
 *
 * Returns 0 in the daemon.  1 when nothing was done: the process is a child of
 * init already; or @lock_path is something else than a lock file, or cannot be
 * read, and a line on stderr says so.
 */
LWS_VISIBLE LWS_EXTERN int
lws_daemonize(const char *lock_path);
#endif

/* ---- utilities ---- */

/**
 * libwebsockets_get_random() - bytes nobody can guess
 * @context:	the context
 * @buf:	filled
 * @len:	bytes to get
 *
 * Returns @len; -1 when the system has none to give.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsockets_get_random(struct libwebsocket_context *context, void *buf,
			 int len);

/**
 * libwebsockets_SHA1() - the SHA-1 digest of some bytes, RFC 3174
 * @d:		the bytes; borrowed
 * @n:		how many
 * @md:		filled with the digest, 20 bytes
 *
 * Returns @md.  May be called from any thread.
 */
LWS_VISIBLE LWS_EXTERN unsigned char *
libwebsockets_SHA1(const unsigned char *d, size_t n, unsigned char *md);

/**
 * lws_b64_encode_string() - bytes to base64, RFC 4648 section 4
 * @in:		the bytes; borrowed
 * @in_len:	how many
 * @out:	filled with text and a NUL
 * @out_size:	bytes at @out
 *
 * Returns the length of the text; -1 when text and NUL do not fit.  May be
 * called from any thread.
 */
LWS_VISIBLE LWS_EXTERN int
lws_b64_encode_string(const char *in, int in_len, char *out, int out_size);

/**
 * lws_b64_decode_string() - base64 to bytes
 * @in:		text, ended by a NUL; characters that are not base64 are
 *		passed over
 * @out:	filled with the bytes and a NUL behind them
 * @out_size:	bytes at @out
 *
 * Returns the number of bytes without the NUL; -1 when they do not fit.  May
 * be called from any thread.
 */
LWS_VISIBLE LWS_EXTERN int
lws_b64_decode_string(const char *in, char *out, int out_size);

#ifndef LWS_NO_EXTENSIONS
/*
 * libwebsocket_internal_extensions - the extensions that the library brings,
 * ended by one whose callback is NULL, in order of preference:
 * permessage-deflate (RFC 7692), x-webkit-deflate-frame, which servers accept
 * and clients do not offer, deflate-frame and deflate-stream, unless the
 * library was built without the last.  At most one of them is active on a
 * connection.
 *
 * An application that wants only some, or others of its own, too, copies
 * entries to an array of its own.  Their callbacks are what the library knows
 * them by; calling them does nothing.
 */
LWS_EXTERN LWS_VISIBLE struct libwebsocket_extension
	libwebsocket_internal_extensions[];

/**
 * libwebsocket_get_internal_extensions() - the extensions the library brings
 *
 * For the member extensions of struct lws_context_creation_info, which has how
 * they shall work in its member deflate.
 *
 * Returns libwebsocket_internal_extensions; not to be freed.  May be called
 * from any thread.
 */
LWS_VISIBLE LWS_EXTERN struct libwebsocket_extension *
libwebsocket_get_internal_extensions(void);
#endif

/**
 * libwebsocket_read() - treat bytes as if they had been received
 * @context:	the context
 * @wsi:	the connection
 * @buf:	the bytes, as they come out of TLS; borrowed
 * @len:	how many
 *
 * For who receives by other means.  They come after what was received before
 * and has not been delivered yet.  Calls back as usual before it returns; from
 * inside a callback of @wsi, later in the turn.  Where @wsi has extensions, so
 * it is from inside a callback of any other that has.
 *
 * Returns 0; -1 when the connection is over.
 */
LWS_VISIBLE LWS_EXTERN int
libwebsocket_read(struct libwebsocket_context *context,
		  struct libwebsocket *wsi, unsigned char *buf, size_t len);

/*
 * ---- the interface over the years ----
 *
 * LWS_API_ERA selects the forms of one time where they disagree.  Define it
 * before the inclusion, the same in all files that share a context:
 *
 *	100	January 2013: creation from eleven arguments, no creation info
 *	110	the end of that month
 *	120	February 2013: creation info, lws_hdr_copy()
 *	123	late 2013: libwebsocket_write() counts
 *	130	mid 2014: request bodies, struct libwebsocket_pollargs
 *	140	early 2015, the default: header builders, keep-alive
 *
 * What differs in the calls is done here.  What differs in the callbacks is
 * chosen when the context is created, from the era it was created with:
 *
 *	below 140	an HTTP connection serves one request
 *	below 130	the poll reasons have the descriptor in @in and the
 *			events in @len; LWS_CALLBACK_HTTP has the query as
 *			well; port 0 does not listen
 *	below 123	that descriptor is in @user; so is the text that later
 *			eras have in @in of
 *			LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION; origins get
 *			no "http://" in front; clients look names up at once
 *	below 120	instead of that text @user has an array of
 *			WSI_TOKEN_COUNT struct lws_tokens
 *
 * Where the number of arguments tells the forms apart, it decides in every
 * era.  The library defines the functions of such a name in parentheses, which
 * keeps the macro out; taking its address gives the function of the newest
 * form.  Names that begin with lws_era_ are for the macros.
 */
#if LWS_API_ERA < 100
#error "LWS_API_ERA has to be 100, 110, 120, 123, 130 or 140"
#endif

/* the port of a context that is not to listen; -1 is one in every era */
#if LWS_API_ERA < 130
#define CONTEXT_PORT_NO_LISTEN 0
#else
#define CONTEXT_PORT_NO_LISTEN (-1)
#endif

/* the number of elements of an array */
#if LWS_API_ERA >= 130 && !defined(ARRAY_SIZE)
#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))
#endif

/* what programs probe for that want to compile in several eras */
#if LWS_API_ERA >= 130
#define LWS_FEATURE_SERVE_HTTP_FILE_HAS_OTHER_HEADERS_ARG
#endif
#if LWS_API_ERA >= 140
#define LWS_FEATURE_PROTOCOLS_HAS_ID_FIELD
#define LWS_FEATURE_PROTOCOLS_HAS_PEER_WRITE_ALLOWANCE
#define LWS_FEATURE_SERVE_HTTP_FILE_HAS_OTHER_HEADERS_LEN
#endif

/* gnu89 and C++98 know the word only with its underscores */
#ifdef __GNUC__
#define LWS_ERA_INLINE static __inline__
#else
#define LWS_ERA_INLINE static inline
#endif

/**
 * lws_create_context_era() - libwebsocket_create_context() of some era
 * @info:	what the context shall be
 * @era:	an LWS_API_ERA, which the context remembers
 *
 * For the macro below, which knows the era of the program.  The function
 * libwebsocket_create_context() is this one with 140.
 *
 * Returns the context, given, or NULL.
 */
LWS_VISIBLE LWS_EXTERN struct libwebsocket_context *
lws_create_context_era(struct lws_context_creation_info *info, int era);

/**
 * lws_set_log_level_era100() - lws_set_log_level() as it was in era 100
 * @level:	or'd enum lws_log_levels
 * @emit:	called with the text of each line; kept.  NULL: the one in use
 *		stays
 *
 * For the macro below.  The text has the time and kind in front of it, as on
 * stderr.
 */
LWS_VISIBLE LWS_EXTERN void
lws_set_log_level_era100(int level, void (*emit)(const char *line));

LWS_ERA_INLINE struct libwebsocket_context *
lws_era_create_context_1(struct lws_context_creation_info *info)
{
	return lws_create_context_era(info, LWS_API_ERA);
}

LWS_ERA_INLINE struct libwebsocket_context *
lws_era_create_context_11(int port, const char *interf,
			  struct libwebsocket_protocols *protocols,
			  struct libwebsocket_extension *extensions,
			  const char *ssl_cert_filepath,
			  const char *ssl_private_key_filepath,
			  const char *ssl_ca_filepath, int gid, int uid,
			  unsigned int options, void *user)
{
	struct lws_context_creation_info info = { 0 };

	info.port = port;
	info.iface = interf;
	info.protocols = protocols;
	info.extensions = extensions;
	info.ssl_cert_filepath = ssl_cert_filepath;
	info.ssl_private_key_filepath = ssl_private_key_filepath;
	info.ssl_ca_filepath = ssl_ca_filepath;
	info.gid = gid;
	info.uid = uid;
	info.options = options;
	info.user = user;
	return lws_create_context_era(&info, LWS_API_ERA);
}

/*
 * Counting arguments: those of the call push the candidates to the right, and
 * the right one comes to stand in the place that is picked.  Any number that
 * no era had goes to the newest form, where the compiler complains in words,
 * unless the commas are those of a compound literal.
 */
#define LWS_ERA_12TH(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, ...) \
	a12
#define LWS_ERA_8TH(a1, a2, a3, a4, a5, a6, a7, a8, ...) a8
#define LWS_ERA_7TH(a1, a2, a3, a4, a5, a6, a7, ...) a7

#define libwebsocket_create_context(...) \
	LWS_ERA_12TH(__VA_ARGS__, lws_era_create_context_11, \
		lws_era_create_context_1, lws_era_create_context_1, \
		lws_era_create_context_1, lws_era_create_context_1, \
		lws_era_create_context_1, lws_era_create_context_1, \
		lws_era_create_context_1, lws_era_create_context_1, \
		lws_era_create_context_1, lws_era_create_context_1, ~) \
		(__VA_ARGS__)

#ifndef LWS_NO_SERVER
LWS_ERA_INLINE int
lws_era_serve_http_file_5(struct libwebsocket_context *context,
			  struct libwebsocket *wsi, const char *file,
			  const char *content_type, const char *other_headers)
{
	int len = 0;

	while (other_headers && other_headers[len])
		len++;
	return libwebsockets_serve_http_file(context, wsi, file, content_type,
					     other_headers, len);
}

LWS_ERA_INLINE int
lws_era_serve_http_file_4(struct libwebsocket_context *context,
			  struct libwebsocket *wsi, const char *file,
			  const char *content_type)
{
	int n = libwebsockets_serve_http_file(context, wsi, file, content_type,
					      NULL, 0);

	/* the first programs took all but 0 for an error */
	return LWS_API_ERA < 120 && n > 0 ? 0 : n;
}

#define libwebsockets_serve_http_file(...) \
	LWS_ERA_7TH(__VA_ARGS__, libwebsockets_serve_http_file, \
		lws_era_serve_http_file_5, lws_era_serve_http_file_4, \
		libwebsockets_serve_http_file, libwebsockets_serve_http_file, \
		libwebsockets_serve_http_file, ~)(__VA_ARGS__)
#endif

LWS_ERA_INLINE void
lws_era_get_peer_addresses_5(int fd, char *name, int name_len, char *rip,
			     int rip_len)
{
	libwebsockets_get_peer_addresses(NULL, NULL, fd, name, name_len, rip,
					 rip_len);
}

#define libwebsockets_get_peer_addresses(...) \
	LWS_ERA_8TH(__VA_ARGS__, libwebsockets_get_peer_addresses, \
		libwebsockets_get_peer_addresses, \
		lws_era_get_peer_addresses_5, \
		libwebsockets_get_peer_addresses, \
		libwebsockets_get_peer_addresses, \
		libwebsockets_get_peer_addresses, \
		libwebsockets_get_peer_addresses, ~)(__VA_ARGS__)

#if LWS_API_ERA < 123
LWS_ERA_INLINE int
lws_era_write(struct libwebsocket *wsi, unsigned char *buf, size_t len,
	      enum libwebsocket_write_protocol protocol)
{
	int n = libwebsocket_write(wsi, buf, len, protocol);

	return n < 0 ? n : 0;
}

/* without arguments, so that its address is that of the right form too */
#define libwebsocket_write lws_era_write
#endif

#if LWS_API_ERA < 110
#define lws_set_log_level lws_set_log_level_era100
#endif

#ifdef __cplusplus
}
#endif

#endif
