/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the live view share: who is watched, what is shown of them, and where the
 * keys go.  A pane is a file of its own; it draws from the picture that is shown, and moves
 * nothing but its own cursor.
 */
#ifndef WSSTAT_OUT_LIVE_VIEW_H
#define WSSTAT_OUT_LIVE_VIEW_H

#include "core/inspect.h"
#include "out/live/live.h"
#include "out/live/picture.h"
#include "out/live/screen.h"
#include "out/output.h"

#define NOTES_MAX 256
#define NOTE_LEN 256
#define PROMPT_LEN 128
#define ZOOMS_MAX 8
#define LIVE_ENDED "ended; this is the last picture. q ends wsstat, the keys for looking go on"
#define MIN_ROWS 10
#define MIN_COLUMNS 40

/* A target, from its header on. */
struct watched {
	struct run_info info;
	struct edges edges;
	char comm[64];
	struct picture *now, *held; /* held: of the sample at which the view was paused, or NULL */
	struct history history;
	unsigned int late_samples;
	const struct inspect *inspect; /* NULL: it has ended, or has no sample yet */
	struct inspect *frozen;	       /* beside .held */
	bool ended;
	struct groups own_groups;    /* by mapping and kind */
	const struct groups *groups; /* of .grouped */
	const struct picture *grouped;
	enum groups_by grouped_by;
	struct asker grouper; /* by .grouped_by */
	struct asker namer;   /* by symbol, of what the cursor is at */
	bool names_known;
	const struct picture *named; /* that .namer looked at */
};

/* A place in a list, and how far it is scrolled. */
struct cursor {
	unsigned int at, top;
};

enum pane {
	PANE_GRAPH,
	PANE_IDLE,
	PANE_MAP,
	PANE_TABLE,
	PANE_NR,
};

/* What covers the panes. */
enum cover {
	COVER_NONE,
	COVER_HELP,
	COVER_DECISION,
	COVER_NOTES,
	COVER_OUTPUT,
};

enum sort {
	SORT_HOT,
	SORT_COLD,
	SORT_RESIDENT,
	SORT_IDLE,
	SORT_NAME,
	SORT_NR,
};

enum prompt {
	PROMPT_NONE,
	PROMPT_SEARCH,
	PROMPT_WRITE,
};

struct live {
	struct watched **watched;
	size_t nr_watched, watched_cap;
	struct watched *chosen; /* NULL: the sum of all */
	struct snapshot sum;	/* of the pictures shown, as drawn */
	unsigned int nr_summed;
	struct history sum_history;
	bool sum_dirty; /* somebody has a new sample since .sum_history was added to */
	bool edges_differ;

	int64_t interval_ns;
	bool paused, quit, over;
	bool dirty;	  /* what is shown is not what there is */
	bool pressed;	  /* a key has been: to be shown at once */
	int64_t drawn_ns; /* when it was shown last */
	struct wish wish;
	struct live_playing playing; /* of a recording */
	const char *output_path;     /* of the command's output; NULL: there is none */

	enum pane focus;
	enum cover cover;
	struct cursor cover_cursor;	      /* .at is its first line */
	unsigned int cover_lines, cover_page; /* as they were shown */
	enum groups_by by;
	enum sort sort;
	struct cursor table_cursor, map_cursor;
	bool unfolded; /* the map has a line for each mapping that is not observed, too */
	unsigned int table_page, map_page;   /* rows that were shown */
	unsigned int cell;		     /* of the row of the map, or of the zoom */
	unsigned int nr_cells, cell_columns; /* as they were shown */
	struct range zoom[ZOOMS_MAX];
	unsigned int nr_zooms;
	uint64_t cell_bytes; /* of a cell of the zoom */

	enum prompt prompt;
	char typed[PROMPT_LEN];
	char search[PROMPT_LEN];

	char note[NOTES_MAX][NOTE_LEN]; /* a ring */
	unsigned int nr_notes;
	char message[NOTE_LEN];		/* in the last line, until the next key */
	char line[NOTES_MAX][NOTE_LEN]; /* for stderr, when the screen is closed */
	unsigned int nr_lines;
	char *summaries; /* for standard output, then */
	int chosen_pid;	 /* in a recording that is begun anew; 0: none */
	bool sum_again;	 /* or the sum */
};

/* What is shown of one of them, NULL before its first sample. */
const struct picture *watched_picture(const struct live *live, const struct watched *watched);

/* What is shown: a picture of the target chosen, or NULL; and the snapshot, which may be a sum. */
const struct picture *live_picture(const struct live *live);
const struct snapshot *live_snapshot(const struct live *live);
const struct history *live_history(const struct live *live);
const struct run_info *live_info(const struct live *live);

/* What can be asked about the picture shown; NULL: nothing. */
const struct inspect *live_inspect(const struct live *live);

/* Whose the memory of the picture shown is, by live->by; NULL: not to be told. */
const struct groups *live_groups(struct live *live);

/*
 * Whose a byte of the region that begins at start is: "libc.so.6:.bss", "[stack:4243 worker]".  To
 * be freed; NULL: it is not known.
 */
char *live_name(struct live *live, uint64_t start, uint64_t addr);

/* No longer paused. */
void live_go_on(struct live *live);

/* Say it in the last line, until the next key. */
void live_say(struct live *live, const char *fmt, ...) printf_like(2, 3);

/* How idle a piece is that was touched so long ago. */
enum level live_level(const struct live *live, int64_t idle_ns);

/* For what the text form has: its output on a stream of this width. */
struct output live_output(const struct live *live, FILE *stream, int columns);

/* Panes: draw into the area; take a key, if it is one of theirs. */
struct pane_ops {
	const char *title;
	void (*draw)(struct live *live, const struct area *area);
	bool (*key)(struct live *live, int key); /* NULL: none is */
};

extern const struct pane_ops pane_graph;
extern const struct pane_ops pane_idle;
extern const struct pane_ops pane_map;
extern const struct pane_ops pane_table;
extern const struct pane_ops *const panes[PANE_NR];

/* Both of them of PANE_MAP: a region, cut again and again. */
void zoom_draw(struct live *live, const struct area *area);
bool zoom_key(struct live *live, int key);

/* The lines above the panes; how many there are. */
int head_draw(struct live *live, const struct area *area);

/* The whole screen. */
void layout_draw(struct live *live);
void cover_draw(struct live *live, const struct area *area);

/* The first of nr lines to show in so many rows, as far as was scrolled. */
unsigned int cover_top(struct live *live, unsigned int nr, int rows);

/* The end of what the command has written. */
void output_tail_draw(struct live *live, const struct area *area);

/* What each key does. */
void keys_take(struct live *live, int key);
void keys_help(struct live *live, const struct area *area);

/* Move a cursor in a list of nr, of which `page` are shown.  Was it such a key? */
bool cursor_key(struct cursor *cursor, int key, unsigned int nr, unsigned int page);

/* Keep it within the list, and on the screen. */
void cursor_fit(struct cursor *cursor, unsigned int nr, unsigned int page);

/* Move the cursor of the table or map to the next line that has live->search, cyclic. */
void table_search(struct live *live);
void map_search(struct live *live);
bool live_matches(const struct live *live, const char *name);

/* Write the picture shown to a file. */
void write_picture(struct live *live, const char *path);

#endif
