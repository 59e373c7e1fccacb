export const endedBoxes = `
-- Boxes that were ended before anybody asked for them: none of them may ever be made.
CREATE TABLE control_plane.ended_boxes (
  org_id text NOT NULL,
  box_id uuid NOT NULL,
  ended_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, box_id)
);
`;
