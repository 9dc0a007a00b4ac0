/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOOLS_JSON_TEXT_H
#define TOOLS_JSON_TEXT_H

/*
 * json_text() - a string, NULL for NULL
 *
 * JSON is UTF-8, and names in files are any bytes: what is no UTF-8 becomes '?'.
 * Return: for json_object_object_add(), or to be freed by json_object_put()
 */
struct json_object *json_text(const char *s);

#endif /* TOOLS_JSON_TEXT_H */
