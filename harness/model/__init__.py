"""What a run is made of: frozen records, no behaviour.

The words are those of README.md. Data flows one way: files become suites, requirements, a profile and
a target; those become cases; a case becomes exchanges, problems and an outcome.
"""

from harness.model.described import PEM as PEM
from harness.model.described import Acceptance as Acceptance
from harness.model.described import CredentialKind as CredentialKind
from harness.model.described import CredentialRef as CredentialRef
from harness.model.described import DocumentPart as DocumentPart
from harness.model.described import Effect as Effect
from harness.model.described import Expectation as Expectation
from harness.model.described import LifecycleVerb as LifecycleVerb
from harness.model.described import Listening as Listening
from harness.model.described import Operation as Operation
from harness.model.described import Place as Place
from harness.model.described import Profile as Profile
from harness.model.described import Requirement as Requirement
from harness.model.described import Target as Target
from harness.model.described import Tls as Tls
from harness.model.happened import CaseOutcome as CaseOutcome
from harness.model.happened import Exchange as Exchange
from harness.model.happened import Finding as Finding
from harness.model.happened import Problem as Problem
from harness.model.happened import Timing as Timing
from harness.model.places import LEVELS as LEVELS
from harness.model.places import VERDICTS as VERDICTS
from harness.model.places import Level as Level
from harness.model.places import Touch as Touch
from harness.model.places import Verdict as Verdict
from harness.model.places import Where as Where
from harness.model.proof import FaultProof as FaultProof
from harness.model.proof import Proof as Proof
from harness.model.proof import RightProof as RightProof
from harness.model.proof import ScenarioProof as ScenarioProof
from harness.model.written import Outcome as Outcome
from harness.model.written import Scenario as Scenario
from harness.model.written import Spoil as Spoil
from harness.model.written import Step as Step
from harness.model.written import Suite as Suite
from harness.model.written import Verb as Verb
