-- Who is in which segment, and what each run changed. `customer` has the type of the customers' key.

CREATE TABLE segment_member (
    segment text NOT NULL,
    customer bigint NOT NULL,
    PRIMARY KEY (segment, customer)
);

CREATE TABLE segment_refresh (
    as_of text NOT NULL,        -- as it was asked for
    segment text NOT NULL,
    members bigint NOT NULL,
    entered bigint NOT NULL,
    "left" bigint NOT NULL,
    written timestamptz NOT NULL DEFAULT now()
);
