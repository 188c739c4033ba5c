/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * common.h - what every test program does the same way.
 *
 * Banner, help and version, numbers from the command line, the clock, a clean
 * end on ^C, and the differences between builds.  Nothing here knows what a
 * program is for.
 */
#ifndef LWS_TEST_COMMON_H
#define LWS_TEST_COMMON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "libwebsockets.h"

#define DEFAULT_PORT 7681

/* ---- who we are ---- */

struct program {
	const char *name;	/* as it is installed */
	const char *role;	/* what the banner calls it */
	const char *usage;	/* what follows the name, whole lines */
};

void program_banner(const struct program *program, FILE *out);

/* The three ways out of the command line, each the exit status of main(). */
int program_help(const struct program *program);
int program_version(const struct program *program);
int program_misuse(const struct program *program);

/*
 * --version in a client, where it has always been followed by the WebSocket
 * version.  As the last word, or before an option, it asks as everywhere for
 * that of the program.  To be declared with optional_argument; -1 when
 * @ws_version is filled, else the status to end the program with.
 */
int program_version_option(const struct program *program, int argc,
			   char **argv, int *ws_version);

/* ---- words and numbers ---- */

/*
 * All of @text as a decimal or 0x number within @min and @max.  False, and one
 * line on stderr that names the option @what, when it is anything else.
 */
bool parse_int(const char *what, const char *text, int min, int max,
	       int *value);

/* A WebSocket version as the library counts: 0 is 76, -1 the newest. */
bool parse_ws_version(const char *text, int *version);

/* Replace what could steer a terminal; @text itself, for use in a printf. */
char *printable(char *text);

/* Numbers that need not be hard to guess; seed once. */
void random_seed(struct libwebsocket_context *context);
uint32_t random_below(uint32_t limit);

/* ---- time ---- */

long long now_ms(void);
long long now_us(void);

/* something that happens every @period milliseconds */
struct ticker {
	long long due;
	int period;
};

void ticker_start(struct ticker *ticker, int period);

/* True once per period; turns that were missed are not made up for. */
bool ticker_due(struct ticker *ticker);

/* milliseconds until it is due, at least 0 */
int ticker_left(const struct ticker *ticker);

/* ---- a client's handshake ---- */

/*
 * Say on stderr which subprotocol the server has agreed to; for
 * LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH, while its answer can be read.
 */
void show_handshake(struct libwebsocket *wsi);

/* ---- the end ---- */

/* From now on SIGINT and SIGTERM only make stopping() true. */
void stop_on_signals(void);
bool stopping(void);

typedef int serve_function(struct libwebsocket_context *context,
			   int timeout_ms);

/*
 * After SIGTERM, unless another signal has followed: turn by @serve until all
 * connections have ended in good order, for five seconds at most.  Negative
 * when @serve was.
 */
int stop_gently(struct libwebsocket_context *context, serve_function *serve);

/*
 * The end of a client, whatever the cause: a Close to each server, and turns
 * until they have answered, for a second at most, unless a second signal comes.
 * A server that has not read all yet would else find the connection broken as
 * soon as it says something.
 */
void say_goodbye(struct libwebsocket_context *context);

/* As if a signal had come. */
void stop_now(void);

/* The context whose loop a signal interrupts; NULL before destroying it. */
void stop_wakes(struct libwebsocket_context *context);

/* ---- what this build can do ---- */

bool built_with_tls(void);
bool built_with_libev(void);
bool built_with_client(void);
bool built_with_server(void);
bool built_with_daemonize(void);

/*
 * The extensions to offer or accept, all of which compress: NULL unless
 * @compress, and in a build that has none.
 */
struct libwebsocket_extension *built_extensions(bool compress);

/* ---- systemd.c: who started us ---- */

/* A listening socket that was opened for us, 0: there is none. */
int given_socket(void);

/* Say "READY=1" and the like to a service manager that wants to hear it. */
void tell_manager(const char *state);

/* ---- a life in the background ---- */

/* @path with nothing relative in it, in @real of PATH_MAX bytes, or itself. */
const char *absolute(const char *path, char *real);

/* Go on in the background, logging to syslog as @ident; 0, or 1: cannot. */
int go_background(const char *lock_path, const char *ident, int log_level);

/* ---- the system: common-unix.c, common-win.c ---- */

/*
 * The path of an existing file or folder without links and dots, with slashes,
 * into @full of PATH_MAX bytes.
 */
bool full_path(const char *path, char *full);

/*
 * As poll(2), and a signal is as good as the end of the time; negative, and a
 * line why, when it is broken.
 */
int poll_sockets(struct libwebsocket_pollfd *fds, unsigned int count,
		 int timeout_ms);

/* Let this process open as many descriptors as the system ever allows it. */
void raise_descriptor_limit(void);

#endif
