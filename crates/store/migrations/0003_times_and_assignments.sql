-- What a register page or a report of a period looks for by time.
CREATE INDEX clip_by_recorded_stored ON clip (recorded, stored);
CREATE INDEX usage_by_issued ON usage (issued);
CREATE INDEX recorder_check_by_at ON recorder_check (at);
CREATE INDEX viewing_by_opened ON viewing (opened);
CREATE INDEX copy_out_by_begun ON copy_out (begun);

-- Whose a clip is, as it was said after its docking.
CREATE TABLE assignment (
    seq INTEGER PRIMARY KEY,
    clip INTEGER NOT NULL,
    recorder TEXT NOT NULL,
    officer TEXT NOT NULL,
    corrects INTEGER
) STRICT;
CREATE INDEX assignment_by_clip ON assignment (clip);
