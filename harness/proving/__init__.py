"""Run the cases of a profile against right servers and against each fault, and see what falls."""

from harness.proving.matrix import prove as prove
from harness.proving.matrix import together as together
from harness.proving.subjects import Aim as Aim
from harness.proving.subjects import Subject as Subject
from harness.proving.subjects import subject as subject
