// SPDX-License-Identifier: Apache-2.0
/* One model in full: its shapes, its parameters by kind, what its weights and a token of context take. */
#include <math.h>

#include "catalog_views.h"
#include "document_out.h"
#include "lookup.h"
#include "sheet.h"

static const struct column columns[] = {
	{"what", NULL, TEXT_COLUMN},
	{NULL, "key", TEXT_COLUMN},
	{"value", "value", TEXT_COLUMN},
	{"unit", "unit", TEXT_COLUMN},
};

/* The same facts for people and for programs. */
struct facts {
	struct sheet *sheet;
	json_t *json;
};

static void add_row(struct facts *facts, const char *title, const char *key, const char *value,
		    const char *unit)
{
	sheet_text(facts->sheet, title);
	sheet_text(facts->sheet, key);
	sheet_text(facts->sheet, value);
	sheet_text(facts->sheet, unit);
}

static void add_number(struct facts *facts, const char *title, const char *key, double value,
		       const char *unit)
{
	char text[32];

	if (!sw_known(value))
		return;
	(void)snprintf(text, sizeof(text), value == floor(value) ? "%.0f" : "%.6g", value);
	add_row(facts, title, key, text, unit);
	json_object_set_new(facts->json, key, json_number(value));
}

static void add_text(struct facts *facts, const char *title, const char *key, const char *value)
{
	add_row(facts, title, key, value, "");
	json_object_set_new(facts->json, key, json_string(value));
}

static void add_bool(struct facts *facts, const char *title, const char *key, bool value)
{
	add_row(facts, title, key, value ? "yes" : "no", "");
	json_object_set_new(facts->json, key, json_boolean(value));
}

static void add_shapes(struct facts *facts, const struct sw_model *model)
{
	add_text(facts, "family", "family", sw_family_name(model->family));
	add_number(facts, "layers", "layers", model->layers, "");
	add_number(facts, "hidden size", "hidden", model->hidden, "");
	add_number(facts, "MLP size", "intermediate", model->intermediate, "");
	add_number(facts, "query heads", "heads", model->heads, "");
	add_number(facts, "key and value heads", "kv_heads", model->kv_heads, "");
	add_number(facts, "size of a head", "head_dim", model->head_dim, "");
	add_number(facts, "vocabulary", "vocab", model->vocab, "tokens");
	add_number(facts, "longest context", "max_position", model->max_position, "tokens");
	if (model->sliding_window) {
		add_number(facts, "sliding window", "sliding_window", model->sliding_window,
			   "tokens");
		add_number(facts, "layers with the window", "window_layers", model->window_layers,
			   "");
	}
	add_bool(facts, "output tied to embedding", "tied_embeddings", model->tied_embeddings);
	add_bool(facts, "gated MLP", "gated_mlp", model->gated_mlp);
	add_bool(facts, "query and key norms", "qk_norm", model->qk_norm);
	add_text(facts, "dtype", "dtype", sw_dtype_name(model->dtype));
	add_text(facts, "quantisation", "quantization", sw_quantization_name(model->quantization));
}

static void add_sizes(struct facts *facts, const sw_catalog *catalog, const struct sw_model *model)
{
	struct sw_parameters p = sw_model_parameters_by_kind(model);
	struct sw_engine engine = published_engine(model);

	add_number(facts, "parameters", "parameters", (double)sw_model_parameters(model),
		   "from the shapes");
	add_number(facts, "parameters, published", "parameters_published",
		   sw_catalog_model_published(catalog, model->id), "");
	add_number(facts, "  embedding", "parameters_embedding", (double)p.embedding, "");
	add_number(facts, "  linear layers", "parameters_linear", (double)p.linear, "");
	add_number(facts, "  norms and biases", "parameters_vector", (double)p.vector, "");
	add_number(facts, "  output matrix", "parameters_lm_head", (double)p.lm_head, "");
	add_number(facts, "weights", "weight_gib", sw_weight_gib(model, &engine), "GiB");
	add_number(facts, "KV cache per token", "kv_bytes_per_token",
		   sw_kv_bytes_per_token(model, &engine), "bytes");
	add_number(facts, "KV cache of the longest context", "kv_longest_gib",
		   sw_kv_request_gib(model, &engine, model->max_position), "GiB");
}

static json_t *source_of(const struct view *view, const char *name)
{
	const char *text = sw_catalog_model_text(view->catalog, name);
	json_t *file = text ? json_loads(text, 0, NULL) : NULL;
	json_t *source = json_object_get(json_object_get(file, "slicewise"), "source");

	json_incref(source);
	json_decref(file);
	return source;
}

static void print_table(const struct view *view, const struct facts *facts, const char *id,
			const json_t *source)
{
	(void)fprintf(view->out, "%s%s%s\n\n", style_on(view->style, TONE_STRONG), id,
		      style_off(view->style, TONE_STRONG));
	sheet_print(facts->sheet, view->style, 0, view->out);
	if (source)
		(void)fprintf(view->out, "\n%sFrom %s\n%s%s\n", style_on(view->style, TONE_DIM),
			      json_string_value(json_object_get(source, "document")),
			      json_string_value(json_object_get(source, "address")),
			      style_off(view->style, TONE_DIM));
}

static void print_json(const struct view *view, const struct facts *facts, const char *id,
		       json_t *source)
{
	json_t *document = json_object(), *entry = json_object();

	json_object_set_new(entry, "id", json_string(id));
	json_object_update(entry, facts->json);
	if (source)
		json_object_set(entry, "source", source);
	json_object_set_new(document, "model", entry);
	json_print(document, view->out);
}

enum sw_status view_model(const struct view *view, const char *name, struct sw_error *err)
{
	struct sw_model model;
	enum sw_status st = lookup_model(view->catalog, name, &model, err);
	struct facts facts;
	json_t *source;

	if (st != SW_OK)
		return st;
	facts = (struct facts){sheet_new(columns, COUNT(columns)), json_object()};
	source = source_of(view, name);
	add_shapes(&facts, &model);
	add_sizes(&facts, view->catalog, &model);
	if (view->format == FORMAT_JSON)
		print_json(view, &facts, model.id, source);
	else if (view->format == FORMAT_CSV)
		sheet_csv(facts.sheet, view->out);
	else
		print_table(view, &facts, model.id, source);
	json_decref(source);
	json_decref(facts.json);
	sheet_free(facts.sheet);
	return SW_OK;
}
