/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * fuzz.h - what each *_fuzz.c defines, for libFuzzer or for replay.c.
 */
#ifndef LWS_FUZZ_FUZZ_H
#define LWS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input; a fuzzer reports the abort. */
#define REQUIRE(cond) \
	do { \
		if (!(cond)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				#cond); \
			abort(); \
		} \
	} while (0)

#endif
