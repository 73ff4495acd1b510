"""One permit, many forms: what an officer of the area sees of them, without opening any."""
