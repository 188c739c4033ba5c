/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * loops/loops.h - a loop of another library's, for loops/hosted.c.
 *
 * One file for each library has these; there is one loop at a time.
 */
#ifndef LWS_LOOPS_LOOPS_H
#define LWS_LOOPS_LOOPS_H

#include <stdbool.h>

struct loops_driver {
	const char *name;	/* the event backend */
	bool has_default;	/* begin(true) may be asked for */

	/* Make a loop, or take the default one: what foreign_loop is. */
	void *(*begin)(bool take_default);

	/* Go round once, waiting at most @ms for something. */
	void (*run)(int ms);

	/* Call @ring every @ms from now on; NULL: no more. */
	void (*tick)(int ms, void (*ring)(void));

	/* Does the loop know nobody but us? */
	bool (*alone)(void);

	void (*end)(void);
};

extern const struct loops_driver loops_driver;

#endif
