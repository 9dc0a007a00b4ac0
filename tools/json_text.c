// SPDX-License-Identifier: GPL-2.0-only
/* What files are called, and what is in them, as JSON. */
#include <stdlib.h>

#include <json-c/json.h>

#include "json_text.h"
#include "util.h"

struct json_object *json_text(const char *s)
{
	struct json_object *o;
	char *copy, *p;

	if (!s)
		return NULL;
	copy = xstrdup(s);
	p = copy;
	while (*p) {
		unsigned char c = *p;
		int more = c < 0x80		 ? 0 :
			   c >= 0xc2 && c < 0xe0 ? 1 :
			   (c & 0xf0) == 0xe0	 ? 2 :
			   c >= 0xf0 && c < 0xf5 ? 3 :
						   -1;
		int n = 0;

		while (n < more && ((unsigned char)p[n + 1] & 0xc0) == 0x80)
			n++;
		if (more < 0 || n < more)
			*p++ = '?';
		else
			p += 1 + more;
	}
	o = json_object_new_string(copy);
	free(copy);
	return o;
}
