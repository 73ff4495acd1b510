"""The use-cases of casework, in the order a case goes through them: reception, judging, deciding, handing."""
