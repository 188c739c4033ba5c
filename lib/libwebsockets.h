/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libwebsockets.h - everything an application may use.
 *
 * WebSocket (RFC 6455) and HTTP/1.1 (RFC 9112) connections, served by one
 * loop that calls the application back.  Everything is called from the thread
 * that runs the loop, unless its description says otherwise.
 *
 * The macro LWS_API_ERA, when defined before the inclusion, selects the forms
 * of an older interface; the end of this file tells how.
 */
#ifndef LWS_LIBWEBSOCKETS_H
#define LWS_LIBWEBSOCKETS_H

/* Macros with any number of arguments are no news to these two compilers. */
#ifdef __GNUC__
#pragma GCC system_header
#endif

#include <assert.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/time.h>
#include <unistd.h>

#include "lws_config.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef LWS_EXTERN
#define LWS_EXTERN extern
#endif
#ifndef LWS_VISIBLE
#ifdef __GNUC__
#define LWS_VISIBLE __attribute__((visibility("default")))
#else
#define LWS_VISIBLE
#endif
#endif

#ifdef __GNUC__
#define LWS_PRINTF_LIKE(fmt, args) \
	__attribute__((format(printf, fmt, args)))
#else
#define LWS_PRINTF_LIKE(fmt, args)
#endif

#ifndef LWS_API_ERA
#define LWS_API_ERA 140
#endif

#define MAX_MUX_RECURSION 2
#define LWS_SEND_BUFFER_PRE_PADDING (4 + 10 + (2 * MAX_MUX_RECURSION))
#define LWS_SEND_BUFFER_POST_PADDING 4

#define libwebsocket_pollfd pollfd

struct libwebsocket;
struct libwebsocket_context;

/* ---- logging ---- */

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

LWS_VISIBLE LWS_EXTERN void
lws_set_log_level(int level, void (*emit)(int level, const char *line));

LWS_VISIBLE LWS_EXTERN void
lwsl_emit_syslog(int level, const char *line);

LWS_VISIBLE LWS_EXTERN void
_lws_log(int filter, const char *format, ...) LWS_PRINTF_LIKE(2, 3);

LWS_VISIBLE LWS_EXTERN void
_lws_logv(int filter, const char *format, va_list args) LWS_PRINTF_LIKE(2, 0);

LWS_VISIBLE LWS_EXTERN void
lwsl_hexdump(void *buf, size_t len);

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

enum libwebsocket_context_options {
	LWS_SERVER_OPTION_DEFEAT_CLIENT_MASK = 1 << 0,
	LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT = 1 << 1,
	LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME = 1 << 2,
	LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT = 1 << 3,
	LWS_SERVER_OPTION_LIBEV = 1 << 4,
	LWS_SERVER_OPTION_DISABLE_IPV6 = 1 << 5,
	LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS = 1 << 6,
	LWS_SERVER_OPTION_SKIP_UTF8_CHECK = 1 << 16
};

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

	LWS_WRITE_NO_FIN = 0x40,
	LWS_WRITE_CLIENT_IGNORE_XOR_MASK = 0x80
};

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
	LWS_CALLBACK_USER = 1000
};

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

typedef int(callback_function)(struct libwebsocket_context *context,
			       struct libwebsocket *wsi,
			       enum libwebsocket_callback_reasons reason,
			       void *user, void *in, size_t len);

typedef int(extension_callback_function)(
	struct libwebsocket_context *context,
	struct libwebsocket_extension *ext, struct libwebsocket *wsi,
	enum libwebsocket_extension_callback_reasons reason, void *user,
	void *in, size_t len);

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
};

struct libwebsocket_extension {
	const char *name;
	extension_callback_function *callback;
	size_t per_session_data_size;
	void *per_context_private_data;
};

struct lws_tokens {
	char *token;
	int token_len;
};

struct lws_token_limits {
	unsigned short token_limit[WSI_TOKEN_COUNT];
};

struct libwebsocket_pollargs {
	int fd;
	int events;
	int prev_events;
};

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
};

/* ---- context ---- */

LWS_VISIBLE LWS_EXTERN struct libwebsocket_context *
libwebsocket_create_context(struct lws_context_creation_info *info);

LWS_VISIBLE LWS_EXTERN void
libwebsocket_context_destroy(struct libwebsocket_context *context);

LWS_VISIBLE LWS_EXTERN void *
libwebsocket_context_user(struct libwebsocket_context *context);

LWS_VISIBLE LWS_EXTERN const char *
libwebsocket_canonical_hostname(struct libwebsocket_context *context);

LWS_VISIBLE LWS_EXTERN const char *
lws_get_library_version(void);

LWS_VISIBLE LWS_EXTERN void
lws_set_allocator(void *(*resize)(void *ptr, size_t size));

/* ---- service ---- */

LWS_VISIBLE LWS_EXTERN int
libwebsocket_service(struct libwebsocket_context *context, int timeout_ms);

LWS_VISIBLE LWS_EXTERN int
libwebsocket_service_fd(struct libwebsocket_context *context,
			struct libwebsocket_pollfd *pollfd);

LWS_VISIBLE LWS_EXTERN void
libwebsocket_cancel_service(struct libwebsocket_context *context);

LWS_VISIBLE LWS_EXTERN int
libwebsocket_callback_on_writable(struct libwebsocket_context *context,
				  struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN int
libwebsocket_callback_on_writable_all_protocol(
	const struct libwebsocket_protocols *protocol);

LWS_VISIBLE LWS_EXTERN int
libwebsocket_callback_all_protocol(
	const struct libwebsocket_protocols *protocol, int reason);

LWS_VISIBLE LWS_EXTERN const struct libwebsocket_protocols *
libwebsockets_get_protocol(struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN int
libwebsocket_get_socket_fd(struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN int
libwebsocket_rx_flow_control(struct libwebsocket *wsi, int enable);

LWS_VISIBLE LWS_EXTERN void
libwebsocket_rx_flow_allow_all_protocol(
	const struct libwebsocket_protocols *protocol);

LWS_VISIBLE LWS_EXTERN void
libwebsocket_set_timeout(struct libwebsocket *wsi, enum pending_timeout reason,
			 int secs);

/* ---- what a connection is doing ---- */

LWS_VISIBLE LWS_EXTERN int
libwebsocket_is_final_fragment(struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN size_t
libwebsockets_remaining_packet_payload(struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN unsigned char
libwebsocket_get_reserved_bits(struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN int
lws_frame_is_binary(struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN int
lws_send_pipe_choked(struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN int
lws_partial_buffered(struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN size_t
lws_get_tx_queued(struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN int
lws_is_ssl(struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN size_t
lws_get_peer_write_allowance(struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN void *
libwebsocket_ensure_user_space(struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN void
libwebsockets_get_peer_addresses(struct libwebsocket_context *context,
				 struct libwebsocket *wsi, int fd, char *name,
				 int name_len, char *rip, int rip_len);

/* ---- sending and closing ---- */

LWS_VISIBLE LWS_EXTERN int
libwebsocket_write(struct libwebsocket *wsi, unsigned char *buf, size_t len,
		   enum libwebsocket_write_protocol protocol);

#define libwebsocket_write_http(wsi, buf, len) \
	libwebsocket_write(wsi, (unsigned char *)(buf), len, LWS_WRITE_HTTP)

LWS_VISIBLE LWS_EXTERN void
libwebsockets_hangup_on_client(struct libwebsocket_context *context, int fd);

LWS_VISIBLE LWS_EXTERN void
libwebsocket_close_and_free_session(struct libwebsocket_context *context,
				    struct libwebsocket *wsi,
				    enum lws_close_status status);

/* ---- HTTP ---- */

LWS_VISIBLE LWS_EXTERN int
libwebsockets_serve_http_file(struct libwebsocket_context *context,
			      struct libwebsocket *wsi, const char *file,
			      const char *content_type,
			      const char *other_headers,
			      int other_headers_len);

LWS_VISIBLE LWS_EXTERN int
libwebsockets_serve_http_file_fragment(struct libwebsocket_context *context,
				       struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN int
libwebsockets_return_http_status(struct libwebsocket_context *context,
				 struct libwebsocket *wsi, unsigned int code,
				 const char *html_body);

LWS_VISIBLE LWS_EXTERN int
lws_http_transaction_completed(struct libwebsocket *wsi);

LWS_VISIBLE LWS_EXTERN int
lws_add_http_header_status(struct libwebsocket_context *context,
			   struct libwebsocket *wsi, unsigned int code,
			   unsigned char **p, unsigned char *end);

LWS_VISIBLE LWS_EXTERN int
lws_add_http_header_by_name(struct libwebsocket_context *context,
			    struct libwebsocket *wsi,
			    const unsigned char *name,
			    const unsigned char *value, int length,
			    unsigned char **p, unsigned char *end);

LWS_VISIBLE LWS_EXTERN int
lws_add_http_header_by_token(struct libwebsocket_context *context,
			     struct libwebsocket *wsi,
			     enum lws_token_indexes token,
			     const unsigned char *value, int length,
			     unsigned char **p, unsigned char *end);

LWS_VISIBLE LWS_EXTERN int
lws_add_http_header_content_length(struct libwebsocket_context *context,
				   struct libwebsocket *wsi,
				   unsigned long content_length,
				   unsigned char **p, unsigned char *end);

LWS_VISIBLE LWS_EXTERN int
lws_finalize_http_header(struct libwebsocket_context *context,
			 struct libwebsocket *wsi, unsigned char **p,
			 unsigned char *end);

LWS_VISIBLE LWS_EXTERN const unsigned char *
lws_token_to_string(enum lws_token_indexes token);

LWS_VISIBLE LWS_EXTERN int
lws_hdr_total_length(struct libwebsocket *wsi, enum lws_token_indexes token);

LWS_VISIBLE LWS_EXTERN int
lws_hdr_copy(struct libwebsocket *wsi, char *dest, int len,
	     enum lws_token_indexes token);

/* ---- client ---- */

LWS_VISIBLE LWS_EXTERN struct libwebsocket *
libwebsocket_client_connect(struct libwebsocket_context *context,
			    const char *address, int port, int ssl_connection,
			    const char *path, const char *host,
			    const char *origin, const char *protocol,
			    int ietf_version_or_minus_one);

LWS_VISIBLE LWS_EXTERN struct libwebsocket *
libwebsocket_client_connect_extended(
	struct libwebsocket_context *context, const char *address, int port,
	int ssl_connection, const char *path, const char *host,
	const char *origin, const char *protocol,
	int ietf_version_or_minus_one, void *userdata);

/* ---- utilities ---- */

LWS_VISIBLE LWS_EXTERN int
libwebsockets_get_random(struct libwebsocket_context *context, void *buf,
			 int len);

LWS_VISIBLE LWS_EXTERN unsigned char *
libwebsockets_SHA1(const unsigned char *d, size_t n, unsigned char *md);

LWS_VISIBLE LWS_EXTERN int
lws_b64_encode_string(const char *in, int in_len, char *out, int out_size);

LWS_VISIBLE LWS_EXTERN int
lws_b64_decode_string(const char *in, char *out, int out_size);

LWS_VISIBLE LWS_EXTERN int
libwebsocket_read(struct libwebsocket_context *context,
		  struct libwebsocket *wsi, unsigned char *buf, size_t len);

/*
 * ---- older interfaces ----
 *
 * LWS_API_ERA selects the forms where the interfaces of the years disagree:
 *
 *	100	January 2013: context creation from eleven arguments
 *	110	end of January 2013
 *	120	February 2013: creation info, header copies
 *	123	late 2013: libwebsocket_write() returns a count
 *	130	mid 2014: request bodies, struct libwebsocket_pollargs
 *	140	early 2015, the default: header builders, keep-alive
 *
 * Everything that knows an era is below this line.  Where the number of
 * arguments tells the forms apart it decides, in every era.  The library
 * defines the functions behind those macros with their names in parentheses.
 */
#if LWS_API_ERA < 100
#error "LWS_API_ERA is one of 100, 110, 120, 123, 130, 140"
#endif

#if LWS_API_ERA < 130
#define CONTEXT_PORT_NO_LISTEN 0
#else
#define CONTEXT_PORT_NO_LISTEN (-1)
#define LWS_FEATURE_SERVE_HTTP_FILE_HAS_OTHER_HEADERS_ARG
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))
#endif
#endif

#if LWS_API_ERA >= 140
#define LWS_FEATURE_PROTOCOLS_HAS_ID_FIELD
#define LWS_FEATURE_PROTOCOLS_HAS_PEER_WRITE_ALLOWANCE
#define LWS_FEATURE_SERVE_HTTP_FILE_HAS_OTHER_HEADERS_LEN
#endif

#ifdef __GNUC__
#define LWS_ERA_SHIM static __inline__
#else
#define LWS_ERA_SHIM static inline
#endif

LWS_VISIBLE LWS_EXTERN struct libwebsocket_context *
lws_create_context_era(struct lws_context_creation_info *info, int era);

LWS_VISIBLE LWS_EXTERN void
lws_set_log_level_era100(int level, void (*emit)(const char *line));

LWS_ERA_SHIM struct libwebsocket_context *
lws_create_context_1(struct lws_context_creation_info *info)
{
	return lws_create_context_era(info, LWS_API_ERA);
}

LWS_ERA_SHIM struct libwebsocket_context *
lws_create_context_11(int port, const char *interf,
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

#define LWS_ERA_12TH(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, ...) \
	a12

#define libwebsocket_create_context(...) \
	LWS_ERA_12TH(__VA_ARGS__, lws_create_context_11, \
		lws_create_context_1, lws_create_context_1, \
		lws_create_context_1, lws_create_context_1, \
		lws_create_context_1, lws_create_context_1, \
		lws_create_context_1, lws_create_context_1, \
		lws_create_context_1, lws_create_context_1, ~)(__VA_ARGS__)

LWS_ERA_SHIM int
lws_serve_http_file_5(struct libwebsocket_context *context,
		      struct libwebsocket *wsi, const char *file,
		      const char *content_type, const char *other_headers)
{
	int len = 0;

	while (other_headers && other_headers[len])
		len++;
	return libwebsockets_serve_http_file(context, wsi, file, content_type,
					     other_headers, len);
}

LWS_ERA_SHIM int
lws_serve_http_file_4(struct libwebsocket_context *context,
		      struct libwebsocket *wsi, const char *file,
		      const char *content_type)
{
	return libwebsockets_serve_http_file(context, wsi, file, content_type,
					     NULL, 0);
}

#define LWS_ERA_7TH(a1, a2, a3, a4, a5, a6, a7, ...) a7

#define libwebsockets_serve_http_file(...) \
	LWS_ERA_7TH(__VA_ARGS__, libwebsockets_serve_http_file, \
		lws_serve_http_file_5, lws_serve_http_file_4, \
		libwebsockets_serve_http_file, libwebsockets_serve_http_file, \
		libwebsockets_serve_http_file, ~)(__VA_ARGS__)

LWS_ERA_SHIM void
lws_get_peer_addresses_5(int fd, char *name, int name_len, char *rip,
			 int rip_len)
{
	libwebsockets_get_peer_addresses(NULL, NULL, fd, name, name_len, rip,
					 rip_len);
}

#define LWS_ERA_8TH(a1, a2, a3, a4, a5, a6, a7, a8, ...) a8

#define libwebsockets_get_peer_addresses(...) \
	LWS_ERA_8TH(__VA_ARGS__, libwebsockets_get_peer_addresses, \
		libwebsockets_get_peer_addresses, lws_get_peer_addresses_5, \
		libwebsockets_get_peer_addresses, \
		libwebsockets_get_peer_addresses, \
		libwebsockets_get_peer_addresses, \
		libwebsockets_get_peer_addresses, ~)(__VA_ARGS__)

#if LWS_API_ERA < 123
LWS_ERA_SHIM int
lws_write_era120(struct libwebsocket *wsi, unsigned char *buf, size_t len,
		 enum libwebsocket_write_protocol protocol)
{
	int n = libwebsocket_write(wsi, buf, len, protocol);

	return n < 0 ? n : 0;
}

#define libwebsocket_write lws_write_era120
#endif

#if LWS_API_ERA < 110
#define lws_set_log_level lws_set_log_level_era100
#endif

#ifdef __cplusplus
}
#endif

#endif
